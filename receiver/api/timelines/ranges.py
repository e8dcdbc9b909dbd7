"""Ranges of time, and the part of a range that is one page.

A page has at most 31 days in which something may have changed; the times before the first and
after the last change of a device cost nothing, and are in the first or last page. What is left of
the range is the cursor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from receiver.errors import InvalidArgument
from receiver.projection.intervals import Interval
from receiver.store.connections.keyset import Order

PAGE = timedelta(days=31)

# Of all ranges that questions ask for.
EARLIEST, LATEST = datetime(1999, 1, 1, tzinfo=UTC), datetime(2102, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Range:
    """A range of time.

    Attributes:
        end: exclusive; None: there is none.
    """

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Rest:
    """The part of a range that is left for other pages, as a cursor has it.

    Attributes:
        is_open: 1: there is no end, whatever `end` says.
    """

    start: datetime
    end: datetime
    is_open: int

    @classmethod
    def of(cls, rest: Range) -> "Rest":
        return cls(rest.start, rest.end or rest.start, int(rest.end is None))

    @property
    def range(self) -> Range:
        """Returns the range.

        Raises:
            InvalidArgument: no page leaves such a one.
        """
        if self.start > self.end or self.start < EARLIEST or self.end > LATEST:
            raise InvalidArgument("cursor: not a cursor")
        return Range(self.start, None if self.is_open else self.end)


def choose_range(start: datetime | None, end: datetime | None, now: datetime) -> Range:
    """Returns the range that is asked for; one that would end later than now has no end.

    Raises:
        InvalidArgument: it begins at its end or now, or later.
    """
    if end is not None and end >= now:
        end = None
    begin = (end or now) - PAGE if start is None else start.astimezone(UTC)
    if begin >= (end or now):
        raise InvalidArgument("from: must lie before `to`, and before the present")
    return Range(begin, None if end is None else end.astimezone(UTC))


def choose_page(
    whole: Range,
    order: Order,
    *,
    first_at: datetime | None,
    last_at: datetime | None,
    now: datetime,
) -> Range:
    """Returns the part of a range that the next page has.

    Args:
        first_at, last_at: of the first and the last change; None: nothing ever changed.
    """
    if first_at is None or last_at is None:
        return whole
    if order == "asc":
        bound = max(whole.start, first_at) + PAGE
        is_last = bound > last_at or bound >= (whole.end or now)
        return Range(whole.start, whole.end if is_last else bound)
    bound = min(whole.end or now, max(last_at, whole.start)) - PAGE
    return Range(whole.start if bound <= first_at else max(bound, whole.start), whole.end)


def choose_days(whole: Range, now: datetime) -> Range:
    """Returns the first 31 days of a range, the first of them in part, up to now at most."""
    midnight = datetime.combine(whole.start.date(), time.min, UTC)
    return Range(whole.start, min(midnight + PAGE, whole.end or now))


def shorten(page: Range, order: Order, items: Sequence[Interval], limit: int) -> Range:
    """Returns the part of a page that its first items take, where there are more than the limit."""
    if len(items) <= limit:
        return page
    if order == "asc":
        return Range(page.start, items[limit].from_at)
    return Range(items[limit - 1].from_at, page.end)


def find_rest(whole: Range, order: Order, page: Range) -> Range | None:
    """Returns what a page leaves of a range; None: nothing."""
    if order == "desc":
        return Range(whole.start, page.start) if page.start > whole.start else None
    if page.end is None or page.end == whole.end:
        return None
    return Range(page.end, whole.end)
