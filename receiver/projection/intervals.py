"""Intervals: which value a device had on an axis, or why it was not known, and from when to when.

Events and uncovering closings are the points at which a value may change. Of one moment events come
first, by their rank, and closings after them; what lasted for no time is left out. Where events of
one moment contradict each other, the value begins anew at that moment, as in the status.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

from receiver.events.axes import Axis
from receiver.projection.coverage import find_uncovering, list_losses
from receiver.projection.fact import Fact
from receiver.projection.ledger import Subscription
from receiver.projection.status import NEVER_REPORTED, NOT_KEPT, read_points


class Interval(NamedTuple):
    """A value on an axis from one moment to another.

    Attributes:
        from_at: inclusive.
        to_at: exclusive; None: it lasts.
        value: None: it is not known.
        because: why the value is not known; None: it is known.
        ended_because: why the value of the next interval is not known; None: it is, or there is
            none.
        began_earlier: whether it was cut at its beginning.
        ends_later: whether it was cut at its end.
        country_code, country_name: on the axis of the country, as the latest event of it says.
    """

    from_at: datetime
    to_at: datetime | None
    value: str | None
    because: str | None = None
    ended_because: str | None = None
    began_earlier: bool = False
    ends_later: bool = False
    country_code: int | None = None
    country_name: tuple[str, ...] | None = None

    def seconds(self, now: datetime) -> float:
        """Returns how long it lasts; up to now if it has no end, or one that is still to come."""
        until = now if self.to_at is None else min(self.to_at, now)
        return max(0.0, (until - self.from_at).total_seconds())


def list_intervals(
    axis: Axis, facts: Iterable[Fact], subscriptions: Collection[Subscription]
) -> list[Interval]:
    """Returns the intervals from the first event on, the earliest first.

    Args:
        facts, subscriptions: of the device and of what links to it.
    """
    points = sorted(
        (point for fact in facts if (point := read_points(fact).get(axis)) is not None),
        key=lambda point: point.rank,
    )
    losses = list_losses(subscriptions)
    begun: list[Interval] = []
    for place, point in enumerate(points):
        if not begun or begun[-1].value != point.value:
            begun.append(Interval(point.rank.at, None, point.value))
        begun[-1] = begun[-1]._replace(
            country_code=point.country_code, country_name=point.country_name
        )
        following = points[place + 1].rank.at if place + 1 < len(points) else None
        for closing in find_uncovering(axis, point.value, losses):
            is_before = following is None or closing.at < following
            if point.rank.at <= closing.at and is_before:
                begun.append(Interval(closing.at, None, None, closing.reason))
                break
    lasting = [
        one._replace(to_at=None if following is None else following.from_at)
        for one, following in zip_longest(begun, begun[1:])
        if following is None or following.from_at > one.from_at
    ]
    return [
        one._replace(ended_because=None if following is None else following.because)
        for one, following in zip_longest(lasting, lasting[1:])
    ]


def keep(intervals: Sequence[Interval], kept_from: datetime) -> list[Interval]:
    """Returns the intervals where what was told before a moment is not kept any more.

    When the first event counted, and the value at the moment, are known all the same.

    Args:
        intervals: the earliest first.
    """
    if not intervals or intervals[0].from_at >= kept_from:
        return list(intervals)
    before = Interval(intervals[0].from_at, kept_from, None, NOT_KEPT)
    return [before, *cut(intervals, kept_from, None)]


def list_not_kept(
    first_at: datetime, kept_from: datetime, start: datetime, end: datetime | None
) -> list[Interval]:
    """Returns the intervals from `start` to the moment from which on events are kept.

    Args:
        first_at: of the first event, before `kept_from`.
        start, end: as of `cut`; `start` lies before `kept_from`.
    """
    before = Interval(first_at, kept_from, None, NOT_KEPT)
    return cut([before], start, kept_from if end is None else min(end, kept_from))


def cut(intervals: Sequence[Interval], start: datetime, end: datetime | None) -> list[Interval]:
    """Returns what lies between two moments; before the first event nothing is known.

    Args:
        intervals: at least those that overlap, the earliest first.
        start: before `end`.
        end: None: there is none.
    """
    first_at = intervals[0].from_at if intervals else None
    whole = list(intervals)
    if first_at is None or start < first_at:
        whole.insert(0, Interval(start, first_at, None, NEVER_REPORTED))
    found = []
    for one in whole:
        if (end is not None and one.from_at >= end) or (
            one.to_at is not None and one.to_at <= start
        ):
            continue
        if one.from_at < start:
            one = one._replace(from_at=start, began_earlier=True)
        if end is not None and (one.to_at is None or one.to_at > end):
            one = one._replace(to_at=end, ended_because=None, ends_later=True)
        found.append(one)
    return found
