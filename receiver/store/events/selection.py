"""The selection of events that a question means, their order, and the end of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam

from receiver.events.event import Device
from receiver.store.connections.keyset import Keyset, Order
from receiver.store.events.tables import event


@dataclass(frozen=True, slots=True)
class Position:
    """The last event of a page; exact, because no two events share `stored_at` and `seq`."""

    occurred_at: datetime
    stored_at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Chooses events.

    Events of a device, or of an identifier that their own body carried, come by `occurred_at`;
    without either, the selection is of all events, and they come by arrival.

    Attributes:
        device_id: every event of this device.
        reported: every event whose body carried all the identifiers that are set.
        linked: devices that stand for the device or the identifier; their events come too.
        types, kinds, names, sources, credentials, subscription_ids: any of them; empty: all.
        findings: events with any of them; empty: all.
        occurred_from, occurred_to, received_from, received_to: from inclusive, to exclusive.
        is_apart: whether the events may be on several servers; it chooses the form of a question.
    """

    device_id: UUID | None = None
    reported: Device | None = None
    linked: Sequence[UUID] = ()
    types: Sequence[str] = ()
    kinds: Sequence[str] = ()
    names: Sequence[str] = ()
    sources: Sequence[str] = ()
    credentials: Sequence[str] = ()
    subscription_ids: Sequence[str] = ()
    findings: Sequence[str] = ()
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    is_apart: bool = False

    @property
    def is_of_a_device(self) -> bool:
        """Whether the selection names a device or an identifier."""
        return self.device_id is not None or self.reported is not None


# As in `Position`.
_PLACE = ("occurred_at", "stored_at", "seq")
_BY_OCCURRENCE = Keyset(event.c.occurred_at, event.c.stored_at, event.c.seq)
_BY_ARRIVAL = Keyset(event.c.stored_at, event.c.seq, is_pruned=True)


def keyset(selection: Selection) -> Keyset:
    """Returns what orders a page."""
    return _BY_OCCURRENCE if selection.is_of_a_device else _BY_ARRIVAL


def beyond(selection: Selection, order: Order, after: Position) -> ColumnElement[bool]:
    """Returns the condition of events behind the end of a page, with parameters by name."""
    end = {
        name: bindparam(f"after_{name}", getattr(after, name), event.c[name].type)
        for name in _PLACE
    }
    if selection.is_of_a_device:
        return _BY_OCCURRENCE.beyond(order, [end[name] for name in _PLACE])
    return _BY_ARRIVAL.beyond(order, [end[name] for name in _PLACE[1:]])


def values_of_end(after: Position) -> Mapping[str, Any]:
    """Returns the values of the parameters of `beyond`, by their names."""
    return {f"after_{name}": getattr(after, name) for name in _PLACE}
