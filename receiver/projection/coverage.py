"""Coverage: from when on nobody would tell that a value ended."""

from collections.abc import Collection, Iterable
from datetime import datetime

from receiver.events.axes import TELLERS, Axis, list_ways_out
from receiver.projection.ledger import Closing, Subscription


def find_uncovering(
    axis: Axis, value: str, subscriptions: Collection[Subscription]
) -> list[Closing]:
    """Returns the closings after which nobody would tell that a value ended, the earliest first.

    A closing uncovers a value where the subscription told one of the ways out of it, or told of
    the axis at all, and no subscription that is open then tells the same.

    Args:
        subscriptions: of the device and of what links to it.
    """
    return sorted(
        closing
        for subscription in subscriptions
        if (closing := subscription.closing) is not None
        and _uncovers(axis, value, subscription.names, _told_at(closing.at, subscriptions))
    )


def _told_at(moment: datetime, subscriptions: Iterable[Subscription]) -> frozenset[str]:
    """Returns the names that open subscriptions tell."""
    names = (each.names for each in subscriptions if each.is_open_at(moment))
    return frozenset().union(*names)


def _uncovers(axis: Axis, value: str, lost: frozenset[str], told: frozenset[str]) -> bool:
    return any(
        names & lost and not names & told for names in (TELLERS[axis], *list_ways_out(axis, value))
    )
