"""Coverage: from when on nobody would tell that a value ended."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from receiver.events.axes import TELLERS, WAYS_OUT, Axis, list_ways_out
from receiver.projection.ledger import Closing, Subscription


class Loss(NamedTuple):
    """What is not told any more when a subscription closes.

    Attributes:
        lost: the names that it told.
        told: the names that subscriptions tell that are open then.
    """

    closing: Closing
    lost: frozenset[str]
    told: frozenset[str]


def list_losses(subscriptions: Collection[Subscription]) -> list[Loss]:
    """Returns the losses of the subscriptions that closed, the earliest first.

    Args:
        subscriptions: of the device and of what links to it.
    """
    losses = [
        Loss(closing, subscription.names, _told_at(closing.at, subscriptions))
        for subscription in subscriptions
        if (closing := subscription.closing) is not None
    ]
    return sorted(losses, key=lambda loss: loss.closing)


def find_uncovering(axis: Axis, value: str, losses: Iterable[Loss]) -> list[Closing]:
    """Returns the closings after which nobody would tell that a value ended, the earliest first.

    A closing uncovers a value where the subscription told one of the ways out of it, or told of
    the axis at all, and no subscription that is open then tells the same.

    Args:
        losses: as `list_losses` returns them.
    """
    groups = _list_groups(axis, value)
    return [loss.closing for loss in losses if _uncovers(groups, loss.lost, loss.told)]


def is_uncovered(
    subscription: Subscription, others: Collection[Subscription], moment: datetime
) -> bool:
    """Tells whether a subscription is closed, and nothing that is open then tells what it told.

    Args:
        others: of the same device and of what links to it; the subscription itself may be in it.
    """
    closing = subscription.closing
    if closing is None or closing.at > moment:
        return False
    return not is_told(subscription, others, moment)


def is_told(subscription: Subscription, others: Collection[Subscription], moment: datetime) -> bool:
    """Tells whether others tell at a moment whatever a subscription tells."""
    told = _told_at(moment, others)
    groups = (*TELLERS.values(), *(way.names for way in WAYS_OUT))
    return not any(names & subscription.names and not names & told for names in groups)


def _told_at(moment: datetime, subscriptions: Iterable[Subscription]) -> frozenset[str]:
    """Returns the names that open subscriptions tell."""
    names = (each.names for each in subscriptions if each.is_open_at(moment))
    return frozenset().union(*names)


# Senders may use words of their own.
@lru_cache(maxsize=1024)
def _list_groups(axis: Axis, value: str) -> tuple[frozenset[str], ...]:
    """Returns the names of which one group after the other must be told for a value to be known."""
    return (TELLERS[axis], *list_ways_out(axis, value))


# Of few kinds of subscriptions there are few combinations.
@lru_cache(maxsize=4096)
def _uncovers(
    groups: tuple[frozenset[str], ...], lost: frozenset[str], told: frozenset[str]
) -> bool:
    return any(not names.isdisjoint(lost) and names.isdisjoint(told) for names in groups)
