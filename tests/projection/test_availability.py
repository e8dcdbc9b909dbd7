"""Availability: for how long each value was."""

from datetime import date, timedelta

from receiver.projection.availability import measure_days, sum_days
from tests.support.intervals import DATA, GONE, at, end, event, intervals

MINUTE = 60_000_000
DAY = timedelta(days=1)


def test_each_value_counts_apart_by_day_and_in_all() -> None:
    found = intervals(event(DATA, 10), event(GONE, 12 * 60 + 30), end(13 * 60))
    days = measure_days(found, at(0), at(0) + DAY)
    assert days == {
        date(2026, 3, 1): {None: 10 * MINUTE, "CONNECTED_DATA": 710 * MINUTE},
        date(2026, 3, 2): {
            "CONNECTED_DATA": 30 * MINUTE,
            "NOT_CONNECTED": 30 * MINUTE,
            None: 660 * MINUTE,
        },
    }
    assert sum_days(days).total() == 24 * 60 * MINUTE


def test_a_value_before_and_after_the_range_does_not_count() -> None:
    days = measure_days(intervals(event(DATA, 0), event(GONE, 60)), at(30), at(90))
    assert days == {date(2026, 3, 1): {"CONNECTED_DATA": 30 * MINUTE, "NOT_CONNECTED": 30 * MINUTE}}


def test_midnight_is_the_one_of_utc() -> None:
    days = measure_days(intervals(event(DATA, 0)), at(11 * 60), at(13 * 60))
    assert list(days) == [date(2026, 3, 1), date(2026, 3, 2)]
