"""Gaps: what certainly or probably happened and was not told. They are named, and never filled.

A repeated event is a suspicion: a subscription tells the same event twice in a row, though every
way out of its value was told of all the while. A count below the number at which a provider ended
the subscription is a proof.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from receiver.events.axes import Axis, list_said, list_ways_out
from receiver.projection.fact import Fact
from receiver.projection.ledger import Key, Subscription
from receiver.projection.subscriptions.forecast import Tally
from receiver.projection.subscriptions.registration import Registration

MAX_EVENTS_REACHED = "MAX_EVENTS_REACHED"

# The axis on which an event is a change; an event of another name may merely confirm a value there.
_CHANGED = {
    "connectivity-data": Axis.CONNECTIVITY,
    "connectivity-sms": Axis.CONNECTIVITY,
    "connectivity-disconnected": Axis.CONNECTIVITY,
    "connectivity": Axis.CONNECTIVITY,
    "roaming-status": Axis.ROAMING,
    "roaming-on": Axis.ROAMING,
    "roaming-off": Axis.ROAMING,
    "roaming-change-country": Axis.COUNTRY,
    "network-type-changed": Axis.NETWORK_TYPE,
}


class Repeat(NamedTuple):
    """An event that was told again, with nothing between.

    Attributes:
        after, until: when the one and the other count; what was missed lies between.
        name: as sent.
    """

    after: datetime
    until: datetime
    name: str


class _Last(NamedTuple):
    """The latest event of a subscription on an axis.

    Attributes:
        changes: how often the value had changed by then, whoever told it.
    """

    fact: Fact
    changes: int


def find_repeats(
    facts: Iterable[Fact], subscriptions: Mapping[Key, Subscription]
) -> dict[Key, list[Repeat]]:
    """Returns the repeated events of each subscription of one device, the earliest first.

    Args:
        facts: of the device and of what links to it, in any order.
        subscriptions: of the same.
    """
    found: dict[Key, list[Repeat]] = {}
    values: dict[tuple[str, Axis], tuple[str, int]] = {}
    latest: dict[tuple[Key, Axis], _Last] = {}
    for fact in sorted({fact.digest: fact for fact in facts}.values(), key=_rank):
        own_axis = _CHANGED.get(fact.told_name or "")
        for axis, value in list_said(fact.status):
            place = fact.credential, axis
            known, changes = values.get(place, (None, 0))
            changes += known is not None and known != value
            values[place] = value, changes
            if axis is not own_axis or fact.subscription_id is None:
                continue
            key = fact.credential, fact.subscription_id
            before = latest.get((key, axis))
            latest[key, axis] = _Last(fact, changes)
            if (
                before is not None
                and before.changes == changes
                and _is_same(before.fact, fact)
                and _is_covered(axis, value, before.fact, fact, subscriptions)
            ):
                repeat = Repeat(before.fact.effective_at, fact.effective_at, fact.name)
                found.setdefault(key, []).append(repeat)
    return found


def count_missing(
    subscription: Subscription, registration: Registration | None, tally: Tally
) -> int:
    """Returns how many events are missing for certain.

    The provider ended the subscription because it had sent the registered number of events, and
    fewer are stored.
    """
    if (
        registration is None
        or registration.max_events is None
        or subscription.end is None
        or subscription.end[2] != MAX_EVENTS_REACHED
        or not tally.is_whole
    ):
        return 0
    return max(registration.max_events - tally.charged, 0)


def _is_same(one: Fact, other: Fact) -> bool:
    """Tells whether two events say the same, at two moments."""
    said = list(list_said(one.status)) == list(list_said(other.status))
    return said and one.told_name == other.told_name and one.effective_at < other.effective_at


def _is_covered(
    axis: Axis, value: str, one: Fact, other: Fact, subscriptions: Mapping[Key, Subscription]
) -> bool:
    """Tells whether each way out of a value was told of by a subscription from one to the other."""
    open_names = [
        subscription.names
        for (credential, _), subscription in subscriptions.items()
        if credential == one.credential and _is_open(subscription, one, other)
    ]
    return all(any(way & names for names in open_names) for way in list_ways_out(axis, value))


def _is_open(subscription: Subscription, one: Fact, other: Fact) -> bool:
    closing = subscription.closing
    return subscription.first_at <= one.effective_at and (
        closing is None or closing.at >= other.effective_at
    )


def _rank(fact: Fact) -> tuple[object, ...]:
    return fact.rank
