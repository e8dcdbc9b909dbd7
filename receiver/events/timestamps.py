"""Times as senders write them, converted to aware UTC where they have one reading; no clock."""

import re
from datetime import UTC, datetime, timedelta

from receiver.errors import NotificationRefused
from receiver.events.findings import Finding

# Chosen: clocks kept by NTP differ by far less.
_FUTURE_TOLERANCE = timedelta(minutes=5)
# Chosen: outside these years a clock was not set, or the number was in another unit.
_FIRST_YEAR = 2000
_LAST_YEAR = 2100

# ISO 8601 has it beside the hyphen.
_MINUS = "\N{MINUS SIGN}"

# RFC 3339 to the letter and to the microsecond, as nearly every sender writes it.
_EXACT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?!24)[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)

# RFC 3339, section 5.6, and a leap second.
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)

# Every notation with one reading: a date and a time of day of ISO 8601 in either format, perhaps
# without seconds, with a decimal comma or a blank; then UTC by name, an offset, or an offset of
# zero with a Z behind it; then zones of RFC 9557, which an offset makes needless.
_TIMESTAMP = re.compile(
    r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})[Tt ]"
    r"([0-9]{2})(:?)([0-9]{2})(?:\6([0-9]{2})(?:[.,]([0-9]*+))?)?"
    rf"(?: *+(Z|UTC|GMT|([+{_MINUS}-][0-9]{{2}})(?::?([0-9]{{2}}))?|[+-]00(?::?00)?Z))?"
    r"((?:\[[^\[\]]++\])*+)",
    re.IGNORECASE | re.ASCII,
)


def read_time(
    time: str | None, received_at: datetime, place: str, findings: set[Finding]
) -> datetime:
    """Reads the sender's time; the time of arrival stands in for a missing one.

    A text keeps its reading for ever, because the reading is a part of the identity by which a
    redelivery is known.

    Args:
        received_at: the time of arrival, aware UTC.
        place: the member that holds the time.

    Returns:
        Aware UTC, to the microsecond.

    Raises:
        NotificationRefused: the time has no reading or two, or is outside the years 2000 to 2100.
    """
    if time is None:
        findings.add(Finding.TIME_MISSING)
        return received_at
    moment = _parse(time, findings)
    if moment is None:
        raise NotificationRefused("not an RFC 3339 date-time", place)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise NotificationRefused(f"outside the years {_FIRST_YEAR} to {_LAST_YEAR}", place)
    if moment - received_at > _FUTURE_TOLERANCE:
        findings.add(Finding.TIME_IN_FUTURE)
    return moment


def parse_time(time: str) -> datetime | None:
    """Returns a time of any year in aware UTC; None: it has no reading, or two."""
    return _parse(time, set())


def _parse(time: str, findings: set[Finding]) -> datetime | None:
    try:
        if _EXACT.fullmatch(time):
            return datetime.fromisoformat(time).astimezone(UTC)
        return _parse_unusual(time, findings)
    except (ValueError, OverflowError):
        return None


def _parse_unusual(time: str, findings: set[Finding]) -> datetime | None:
    """Reads any notation with one reading.

    Raises:
        ValueError, OverflowError: there is no such day, time of day or offset.
    """
    parts = _TIMESTAMP.fullmatch(time.strip())
    if parts is None:
        return None
    year, _, month, day, hour, _, minute, second, decimals, zone, hours, minutes, zones = (
        parts.groups(default="")
    )
    if zones and not zone:
        # The name of a zone alone has two readings once a year.
        return None
    if not zone:
        findings.add(Finding.TIME_WITHOUT_ZONE)
    if _RFC3339.fullmatch(time) is None:
        findings.add(Finding.TIME_NOT_RFC3339)
    if second == "60":
        findings.add(Finding.TIME_LEAP_SECOND)
        second = "59"
    if len(decimals) > 6:
        findings.add(Finding.TIME_TOO_PRECISE)
        decimals = decimals[:6]
    # ISO 8601 lets a day end at 24:00.
    is_end_of_day = hour == "24" and not f"{minute}{second}{decimals}".strip("0")
    if is_end_of_day:
        hour = "00"
    offset = f"{hours}:{minutes or '00'}".replace(_MINUS, "-") if hours else "+00:00"
    moment = datetime.fromisoformat(
        f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}.{decimals or '0'}{offset}"
    )
    return moment.astimezone(UTC) + timedelta(days=is_end_of_day)
