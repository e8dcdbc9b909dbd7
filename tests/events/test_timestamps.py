"""How the sender's time is read: RFC 3339, what is forgiven around it, and what is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import NotificationRefused
from receiver.events.findings import Finding
from receiver.events.timestamps import read_time

ARRIVAL = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _read(time: str | None) -> tuple[datetime, set[Finding]]:
    findings: set[Finding] = set()
    return read_time(time, ARRIVAL, "time", findings), findings


@pytest.mark.parametrize(
    ("time", "moment"),
    [
        ("2026-03-02T11:30:00Z", datetime(2026, 3, 2, 11, 30, tzinfo=UTC)),
        ("2026-03-02T11:30:00.5Z", datetime(2026, 3, 2, 11, 30, 0, 500000, UTC)),
        ("2026-03-02T11:30:00.123456Z", datetime(2026, 3, 2, 11, 30, 0, 123456, UTC)),
        ("2026-03-02t11:30:00z", datetime(2026, 3, 2, 11, 30, tzinfo=UTC)),
        ("2026-03-02 11:30:00Z", datetime(2026, 3, 2, 11, 30, tzinfo=UTC)),
        ("2026-03-02T13:15:00+01:45", datetime(2026, 3, 2, 11, 30, tzinfo=UTC)),
        ("2026-03-02T11:30:00-00:00", datetime(2026, 3, 2, 11, 30, tzinfo=UTC)),
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
    ],
)
def test_every_rfc_3339_notation_is_read_as_utc(time: str, moment: datetime) -> None:
    assert (moment, set()) == _read(time)
    assert UTC is _read(time)[0].tzinfo


@pytest.mark.parametrize(
    ("time", "moment", "finding"),
    [
        (
            "2026-03-02T11:30:00.25",
            datetime(2026, 3, 2, 11, 30, 0, 250000, UTC),
            "time-without-zone",
        ),
        (
            "2016-12-31T23:59:60.5Z",
            datetime(2016, 12, 31, 23, 59, 59, 500000, UTC),
            "time-leap-second",
        ),
        (
            "2026-03-02T11:30:00.123456789Z",
            datetime(2026, 3, 2, 11, 30, 0, 123456, UTC),
            "time-too-precise",
        ),
        ("2026-03-02T11:30Z", datetime(2026, 3, 2, 11, 30, tzinfo=UTC), "time-not-rfc3339"),
        ("2026-03-02T12:30:00+0100", datetime(2026, 3, 2, 11, 30, tzinfo=UTC), "time-not-rfc3339"),
        ("2026-03-02T12:30:00+01", datetime(2026, 3, 2, 11, 30, tzinfo=UTC), "time-not-rfc3339"),
    ],
)
def test_what_is_still_clear_is_forgiven(time: str, moment: datetime, finding: str) -> None:
    assert (moment, {finding}) == _read(time)


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-02T11:30:00GMT",
        "2026-03-02T11:30:00 UTC",
        "2026-03-02t11:30:00utc",
        "2026-03-02T12:30:00+01:00[Europe/Paris]",
        "2026-03-02T11:30:00Z[UTC]",
        "2026-03-02T12:30:00+01:00[!Europe/Paris][u-ca=gregory]",
        "2026-03-02T11:30:00.000000+00:00Z",
        "2026-03-02T11:30:00+0000Z",
        "2026-03-02T11:30:00-00Z",
        "2026-03-02T11:30:00,000Z",
        "2026-03-02T11:30:00.Z",
        "2026-03-02T12:30:00 +01:00",
        "2026-03-02 12:30:00 +0100",
        "2026-03-02T11:30:00 Z",
        "2026-03-02T10:30:00\u221201:00",
        "20260302T113000Z",
        "20260302T123000.0+01",
        " 2026-03-02T11:30:00Z",
        "2026-03-02T11:30:00Z\n",
    ],
)
def test_every_notation_with_one_reading_is_read(time: str) -> None:
    assert (datetime(2026, 3, 2, 11, 30, tzinfo=UTC), {"time-not-rfc3339"}) == _read(time)
    assert UTC is _read(time)[0].tzinfo


def test_a_day_may_end_at_24_hours() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    assert (moment, set()) == _read("2026-02-28T24:00:00Z")
    assert moment - timedelta(hours=1) == _read("2026-02-28T24:00:00.0+01:00")[0]


@st.composite
def notations(draw: st.DrawFn) -> tuple[datetime, str]:
    """A moment, and a text that can mean no other."""
    minutes = draw(st.integers(-14 * 60, 14 * 60))
    zone = timezone(timedelta(minutes=minutes))
    moment = datetime(2001, 1, 2, tzinfo=zone) + draw(
        st.timedeltas(timedelta(0), timedelta(days=9000))
    )
    dash, colon = draw(st.sampled_from(["-", ""])), draw(st.sampled_from([":", ""]))
    sign = "-" if minutes < 0 else "+"
    offset = (
        f"{sign}{abs(minutes) // 60:02}{draw(st.sampled_from([':', '']))}{abs(minutes) % 60:02}"
    )
    if minutes == 0:
        offset = draw(st.sampled_from(["Z", "z", "GMT", "utc", "+00", f"{offset}Z", offset]))
    text = (
        f"{moment:%Y}{dash}{moment:%m}{dash}{moment:%d}{draw(st.sampled_from('Tt '))}"
        f"{moment:%H}{colon}{moment:%M}{colon}{moment:%S}{draw(st.sampled_from('.,'))}{moment:%f}"
        f"{draw(st.sampled_from(['', ' ']))}{offset}"
        f"{draw(st.sampled_from(['', '[Europe/Paris]', '[UTC][u-ca=iso8601]']))}"
    )
    return moment, draw(st.sampled_from([text, f" {text}", f"{text}\r\n"]))


@given(notations())
def test_no_notation_changes_the_moment(notation: tuple[datetime, str]) -> None:
    moment, text = notation
    read, findings = _read(text)
    assert read == moment
    assert findings <= {Finding.TIME_NOT_RFC3339}


@given(st.text(alphabet="0123456789-+:.,TZ []UGMC", max_size=32))
def test_whatever_is_read_is_kept_as_utc_or_refused(time: str) -> None:
    try:
        moment, _ = _read(time)
    except NotificationRefused:
        return
    assert moment.tzinfo is UTC


def test_the_arrival_stands_in_for_a_missing_time() -> None:
    assert (ARRIVAL, {"time-missing"}) == _read(None)


def test_a_time_five_minutes_ahead_is_no_finding() -> None:
    ahead = ARRIVAL + timedelta(minutes=5)
    assert (ahead, set()) == _read(ahead.isoformat())


def test_a_time_further_ahead_is_kept_with_a_finding() -> None:
    ahead = ARRIVAL + timedelta(minutes=5, microseconds=1)
    assert (ahead, {"time-in-future"}) == _read(ahead.isoformat())


@pytest.mark.parametrize(
    "time",
    [
        "",
        "yesterday",
        "2026-03-02",
        "2026-0302T11:30:00Z",
        "2026-03-02T11:3000Z",
        "2026-W10-1T11:30:00Z",
        "2026-061T11:30:00Z",
        "2026-02-30T11:30:00Z",
        "2026-03-02T24:00:01Z",
        "2026-03-02T11:30:61Z",
        "2026-03-02T11:30:00+25:00",
        "2026-03-02T11:30:00 01:00",
        "٢٠٢٦-03-02T11:30:00Z",
        "1772451000",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_unreadable_time_is_refused(time: str) -> None:
    with pytest.raises(NotificationRefused) as refused:
        _read(time)
    assert str(refused.value) == "time: not an RFC 3339 date-time"


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-02T03:30:00-08:00Z",
        "2026-03-02T12:30:00+01:00Z",
        "2026-03-02T12:30:00[Europe/Paris]",
        "2026-03-02T12:30:00 CET",
        "2026-03-02T12:30:00GMT+1",
        "2026-03-02T12:30:00UTC+01:00",
        "02.03.2026 11:30:00Z",
        "02/03/2026T11:30:00Z",
        "1772451000000",
    ],
)
def test_a_time_with_two_readings_is_refused(time: str) -> None:
    with pytest.raises(NotificationRefused) as refused:
        _read(time)
    assert str(refused.value) == "time: not an RFC 3339 date-time"


@pytest.mark.parametrize(
    "time",
    ["1999-12-31T23:59:59Z", "2000-01-01T00:30:00+01:00", "2101-01-01T00:00:00Z"],
)
def test_a_time_outside_2000_to_2100_is_refused(time: str) -> None:
    with pytest.raises(NotificationRefused) as refused:
        _read(time)
    assert str(refused.value) == "time: outside the years 2000 to 2100"
