"""How the sender's time is read: RFC 3339, what is forgiven around it, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

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
        "20260302T113000Z",
        "2026-W10-1T11:30:00Z",
        "2026-061T11:30:00Z",
        "2026-02-30T11:30:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T11:30:61Z",
        "2026-03-02T11:30:00,5Z",
        "2026-03-02T11:30:00.Z",
        "2026-03-02T11:30:00+25:00",
        "2026-03-02T11:30:00 Z",
        " 2026-03-02T11:30:00Z",
        "2026-03-02T11:30:00Z\n",
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
    ["1999-12-31T23:59:59Z", "2000-01-01T00:30:00+01:00", "2101-01-01T00:00:00Z"],
)
def test_a_time_outside_2000_to_2100_is_refused(time: str) -> None:
    with pytest.raises(NotificationRefused) as refused:
        _read(time)
    assert str(refused.value) == "time: outside the years 2000 to 2100"
