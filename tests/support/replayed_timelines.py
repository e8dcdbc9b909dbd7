"""What was when, of a device and of what stands for it, by the folds over its events alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from receiver.events.axes import Axis
from receiver.projection import ledger
from receiver.projection.fact import Fact
from receiver.projection.intervals import Interval, cut, list_intervals
from receiver.projection.sessions import Session, list_sessions
from tests.support.facts import Told
from tests.support.linked import linked


def facts_of(device_id: UUID, events: Sequence[Told]) -> list[Fact]:
    """Returns the facts of a device and of what stands for it."""
    devices = {device_id, *linked(device_id, events)}
    return [event.fact for event in events if event.device_id in devices]


def history(
    device_id: UUID, events: Sequence[Told], axis: Axis, end: datetime | None = None
) -> list[Interval]:
    """Returns the intervals on an axis.

    Args:
        end: the end of the range, beyond which no event names a country.
    """
    facts = facts_of(device_id, events)
    subscriptions = list(ledger.fold(facts).values())
    known = [fact for fact in facts if end is None or fact.effective_at <= end]
    return list_intervals(axis, known, subscriptions)


def sessions(
    device_id: UUID, events: Sequence[Told], start: datetime, end: datetime | None
) -> list[Session]:
    roaming = cut(history(device_id, events, Axis.ROAMING, end), start, end)
    return list_sessions(roaming, history(device_id, events, Axis.COUNTRY, end))
