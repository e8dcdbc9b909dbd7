"""RFC 3339 times as senders write them, converted to aware UTC; no clock but the arrival."""

import re
from datetime import UTC, datetime, timedelta

from receiver.errors import NotificationRefused
from receiver.events.findings import Finding

# Chosen: clocks kept by NTP differ by far less.
_FUTURE_TOLERANCE = timedelta(minutes=5)
# Chosen: outside these years a clock was not set, or the number was in another unit.
_FIRST_YEAR = 2000
_LAST_YEAR = 2100

# RFC 3339, section 5.6, and what is still clear: no seconds, no zone, `+0200`, `+02`.
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})"
    r"(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)

# RFC 3339 to the letter and to the microsecond, as nearly every sender writes it.
_EXACT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def read_time(
    time: str | None, received_at: datetime, place: str, findings: set[Finding]
) -> datetime:
    """Reads the sender's time; the time of arrival stands in for a missing one.

    Args:
        received_at: the time of arrival, aware UTC.
        place: the member that holds the time.

    Returns:
        Aware UTC, to the microsecond.

    Raises:
        NotificationRefused: the time is unreadable or outside the years 2000 to 2100.
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


def _parse(time: str, findings: set[Finding]) -> datetime | None:
    if _EXACT.fullmatch(time):
        try:
            return datetime.fromisoformat(time).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    parts = _TIMESTAMP.fullmatch(time)
    if parts is None:
        return None
    date, minute, second, decimals, zone = parts.groups(default="")
    if second == "60":
        findings.add(Finding.TIME_LEAP_SECOND)
        second = "59"
    if len(decimals) > 6:
        findings.add(Finding.TIME_TOO_PRECISE)
        decimals = decimals[:6]
    if not zone:
        findings.add(Finding.TIME_WITHOUT_ZONE)
    if not second or len(zone) in (3, 5):
        findings.add(Finding.TIME_NOT_RFC3339)
    try:
        return datetime.fromisoformat(
            f"{date}T{minute}:{second or '00'}.{decimals or '0'}{zone.upper() or 'Z'}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
