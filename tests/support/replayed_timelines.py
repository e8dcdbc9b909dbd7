"""What was when, of a device and of what stands for it, by the folds over its events alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from receiver.events.axes import Axis
from receiver.projection import ledger
from receiver.projection.fact import Fact
from receiver.projection.intervals import Interval, cut, list_intervals
from receiver.projection.ledger import Subscription
from receiver.projection.sessions import Session, list_sessions
from receiver.projection.subscriptions.registration import read_registered
from tests.support.facts import Told
from tests.support.linked import linked
from tests.support.registered import NOTHING, Registered


def facts_of(
    device_id: UUID, events: Sequence[Told], registered: Registered = NOTHING
) -> list[Fact]:
    """Returns the facts of a device and of what stands for it."""
    devices = {device_id, *linked(device_id, events, registered)}
    return [event.fact for event in events if event.device_id in devices]


def subscriptions_of(
    device_id: UUID, events: Sequence[Told], registered: Registered = NOTHING
) -> list[Subscription]:
    """Returns what a device and what stands for it told, and what was registered of it."""
    devices = {device_id, *linked(device_id, events, registered)}
    found = ledger.fold(facts_of(device_id, events, registered))
    for subscription_id, registration in registered.items():
        key = "operator", subscription_id
        said = read_registered(registration)
        if key in found:
            found[key] = ledger.merge(found[key], said)
        elif registration.device_id in devices:
            found[key] = said
    return list(found.values())


def history(
    device_id: UUID,
    events: Sequence[Told],
    axis: Axis,
    end: datetime | None = None,
    registered: Registered = NOTHING,
) -> list[Interval]:
    """Returns the intervals on an axis.

    Args:
        end: the end of the range, beyond which no event names a country.
    """
    facts = facts_of(device_id, events, registered)
    subscriptions = subscriptions_of(device_id, events, registered)
    known = [fact for fact in facts if end is None or fact.effective_at <= end]
    return list_intervals(axis, known, subscriptions)


def sessions(
    device_id: UUID,
    events: Sequence[Told],
    start: datetime,
    end: datetime | None,
    registered: Registered = NOTHING,
) -> list[Session]:
    roaming = cut(history(device_id, events, Axis.ROAMING, end, registered), start, end)
    return list_sessions(roaming, history(device_id, events, Axis.COUNTRY, end, registered))
