"""The event as stored, and its reading from a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, literal_column, select

from receiver.events.event import Device, Status
from receiver.store.connections.keyset import ROW_BYTES
from receiver.store.events.columns import EVENT_COLUMNS, IDENTIFIERS, STATUS, sent_at
from receiver.store.events.keys import EventKey
from receiver.store.events.selection import Position
from receiver.store.events.tables import event, event_identity
from receiver.store.schema.metadata import Timestamp


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as stored, without its payload."""

    device_id: UUID
    stored_at: datetime
    seq: int
    kind: str
    name: str
    type: str
    form: str
    source: str | None
    event_id: str | None
    subscription_id: str | None
    credential: str
    occurred_at: datetime
    received_at: datetime
    deliveries: int
    device: Device
    status: Status
    findings: tuple[str, ...]

    @property
    def key(self) -> EventKey:
        return EventKey(self.device_id, self.stored_at, self.seq)

    @property
    def position(self) -> Position:
        return Position(self.occurred_at, self.stored_at, self.seq)


# The feed alone reads xact, redeliveries alone the digest, and one event's page alone the payload.
_UNREAD = {"xact", "digest", "payload"}
_GROUPED = {*IDENTIFIERS, *STATUS, "findings"}
_READ = [column.name for column in EVENT_COLUMNS if column.name not in _UNREAD]
_PLAIN = [name for name in _READ if name not in _GROUPED]

# A sub-select, because Postgres may begin a join at either table: it expects few events to have an
# identity, and so it read both tables whole for one page. An event without one was delivered once.
_IDENTITY = (
    select(event_identity.c.deliveries)
    .where(
        event_identity.c.device_id == event.c.device_id, event_identity.c.digest == event.c.digest
    )
    .correlate(event)
)
_SENT_AT = literal_column(sent_at(event.name), Timestamp)
DELIVERIES = func.coalesce(
    _IDENTITY.where(event_identity.c.sent_at == _SENT_AT).scalar_subquery(),
    # Of earlier releases, until 0022 is applied; it is not looked for where the first is found.
    _IDENTITY.where(event_identity.c.sent_at.is_(None)).scalar_subquery(),
    1,
)

# All texts of an event, as a reader gets them; numbers, times and addresses are small.
_TEXTS = [
    event.c[column.name]
    for column in EVENT_COLUMNS
    if column.name in _READ and column.type in {"text", "text[]"}
]
BYTES = func.octet_length(func.concat(*_TEXTS)).label(ROW_BYTES)

COLUMNS = [*(event.c[name] for name in _READ), DELIVERIES.label("deliveries")]


def stored_event(row: Row[*tuple[Any, ...]]) -> StoredEvent:
    """Returns the event in a row of `COLUMNS`."""
    columns = row._mapping
    status = {name: columns[name] for name in STATUS}
    if status["country_name"] is not None:
        status["country_name"] = tuple(status["country_name"])
    return StoredEvent(
        **{name: columns[name] for name in _PLAIN},
        deliveries=columns["deliveries"],
        device=reported_device(row),
        status=Status(**status),
        findings=tuple(columns["findings"]),
    )


def reported_device(row: Row[*tuple[Any, ...]]) -> Device:
    """Returns the identifiers in a row that has a column for each."""
    return Device(**{name: row._mapping[name] for name in IDENTIFIERS})
