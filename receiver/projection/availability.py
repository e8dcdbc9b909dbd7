"""Availability: for how long a device had each value, by day and in all.

What is not known counts apart, neither as available nor as not.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from receiver.projection.intervals import Interval, cut

# Microseconds of each value; None: of what is not known.
Lengths = Counter[str | None]

_DAY = timedelta(days=1)


def measure_days(
    intervals: Sequence[Interval], start: datetime, end: datetime
) -> dict[date, Lengths]:
    """Returns the lengths of each day in UTC, from `start` to `end`.

    Args:
        intervals: at least those that overlap, the earliest first.
        start, end: the first and the last day are counted in part.
    """
    return {day: _measure(cut(intervals, since, until)) for day, since, until in _days(start, end)}


def sum_days(days: Mapping[date, Lengths]) -> Lengths:
    """Returns the lengths of all days together."""
    return sum(days.values(), Lengths())


def _measure(intervals: Sequence[Interval]) -> Lengths:
    lengths = Lengths()
    for one in intervals:
        if one.to_at is not None:
            lengths[one.value] += (one.to_at - one.from_at) // timedelta(microseconds=1)
    return lengths


def _days(start: datetime, end: datetime) -> Iterator[tuple[date, datetime, datetime]]:
    """Yields each day with its beginning and its end."""
    while start < end:
        midnight = datetime.combine(start.astimezone(UTC).date(), time.min, UTC) + _DAY
        yield start.astimezone(UTC).date(), start, min(midnight, end)
        start = midnight
