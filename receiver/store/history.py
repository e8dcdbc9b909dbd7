"""The event history: keyset pages over `event`, exact to the microsecond."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device, Status
from receiver.store.database import asking
from receiver.store.tables import event, event_identity

Order = Literal["desc", "asc"]

IDENTIFIER_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: exact, because no two events of a device share all three."""

    occurred_at: datetime
    stored_at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events are meant: of one device, or those whose own body carried an identifier.

    Attributes:
        device_id: every event of this device.
        reported: every event whose body carried all the identifiers that are set.
        types, kinds, names, sources, credentials, subscription_ids: any of them; empty: all.
        occurred_from, occurred_to, received_from, received_to: from inclusive, to exclusive.
    """

    device_id: UUID | None = None
    reported: Device | None = None
    types: Sequence[str] = ()
    kinds: Sequence[str] = ()
    names: Sequence[str] = ()
    sources: Sequence[str] = ()
    credentials: Sequence[str] = ()
    subscription_ids: Sequence[str] = ()
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the database holds it, without its payload."""

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
    def position(self) -> Position:
        return Position(self.occurred_at, self.stored_at, self.seq)


@dataclass(frozen=True, slots=True)
class DeviceSummary:
    """What is known of a device.

    Attributes:
        identifiers: one identifier each, the latest first, at most 100.
    """

    device_id: UUID
    identifiers: tuple[Device, ...]
    first_event: StoredEvent
    last_event: StoredEvent


_DEVICE_FIELDS = tuple(field.name for field in fields(Device))
_STATUS_FIELDS = tuple(field.name for field in fields(Status))
_PLAIN_FIELDS = tuple(
    field.name
    for field in fields(StoredEvent)
    if field.name not in {"deliveries", "device", "status", "findings"}
)
_COLUMNS = [
    *(event.c[name] for name in (*_PLAIN_FIELDS, *_DEVICE_FIELDS, *_STATUS_FIELDS, "findings")),
    event_identity.c.deliveries,
]
_KEY = (event.c.occurred_at, event.c.stored_at, event.c.seq)


class History:
    """Answers questions about stored events."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(
        self, selection: Selection, *, order: Order, after: Position | None, limit: int
    ) -> tuple[list[StoredEvent], bool]:
        """The next `limit` events by `occurred_at`, and whether there are more behind them."""
        statement = page_statement(selection, order=order, after=after, limit=limit + 1)
        async with asking(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        return [_stored(row) for row in rows[:limit]], len(rows) > limit

    async def exists(self, selection: Selection) -> bool:
        """Whether any event is meant."""
        statement = select(select(event.c.seq).where(_condition(selection)).exists())
        async with asking(self._engine) as connection:
            return bool((await connection.execute(statement)).scalar_one())

    async def devices_reporting(self, device: Device, limit: int) -> list[UUID]:
        """The devices whose events carried these identifiers, at most `limit` of them."""
        statement = (
            select(event.c.device_id)
            .where(_condition(Selection(reported=device)))
            .distinct()
            .limit(limit)
        )
        async with asking(self._engine) as connection:
            return list((await connection.execute(statement)).scalars())

    async def device(self, device_id: UUID) -> DeviceSummary | None:
        """What is known of a device; None when it has no event."""
        selection = Selection(device_id=device_id)
        async with asking(self._engine) as connection:
            newest, oldest = [
                (await connection.execute(page_statement(selection, order=order, limit=1))).first()
                for order in ("desc", "asc")
            ]
            if newest is None or oldest is None:
                return None
            reported = (await connection.execute(_identifiers(device_id))).all()
        return DeviceSummary(
            device_id=device_id,
            identifiers=tuple(_device(row) for row in reported),
            first_event=_stored(oldest),
            last_event=_stored(newest),
        )


def page_statement(
    selection: Selection, *, order: Order, limit: int, after: Position | None = None
) -> Select[*tuple[object, ...]]:
    """One page in keyset order; public for the tests that read its plan."""
    conditions = [_condition(selection)]
    if after is not None:
        key, end = tuple_(*_KEY), tuple_(after.occurred_at, after.stored_at, after.seq)
        conditions.append(key < end if order == "desc" else key > end)
    return (
        select(*_COLUMNS)
        .join(
            event_identity,
            and_(
                event_identity.c.device_id == event.c.device_id,
                event_identity.c.digest == event.c.digest,
            ),
        )
        .where(*conditions)
        .order_by(*(column.desc() if order == "desc" else column.asc() for column in _KEY))
        .limit(limit)
    )


def _condition(selection: Selection) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if selection.device_id is not None:
        conditions.append(event.c.device_id == selection.device_id)
    if selection.reported is not None:
        reported = ((name, getattr(selection.reported, name)) for name in _DEVICE_FIELDS)
        conditions += [event.c[name] == value for name, value in reported if value is not None]
    for column, wanted in (
        (event.c.type, selection.types),
        (event.c.kind, selection.kinds),
        (event.c.name, selection.names),
        (event.c.source, selection.sources),
        (event.c.credential, selection.credentials),
        (event.c.subscription_id, selection.subscription_ids),
    ):
        if wanted:
            conditions.append(column.in_(wanted))
    for column, start, end in (
        (event.c.occurred_at, selection.occurred_from, selection.occurred_to),
        (event.c.received_at, selection.received_from, selection.received_to),
    ):
        if start is not None:
            conditions.append(column >= start)
        if end is not None:
            conditions.append(column < end)
    if selection.device_id is None and selection.reported is None:
        raise ValueError("a selection names a device or an identifier")
    return and_(*conditions)


def _identifiers(device_id: UUID) -> Select[*tuple[object, ...]]:
    """Every identifier the device's events carried, each alone in its row, the latest first."""
    c = event.c
    ipv4 = (c.ipv4_public_address, c.ipv4_private_address, c.ipv4_public_port)
    sets = func.grouping_sets(
        tuple_(c.phone_number), tuple_(c.network_access_identifier), tuple_(*ipv4),
        tuple_(c.ipv6_address),
    )  # fmt: skip
    columns = [c[name] for name in _DEVICE_FIELDS]
    return (
        select(*columns)
        .where(c.device_id == device_id)
        .group_by(sets)
        .having(func.num_nonnulls(*columns) > 0)
        .order_by(func.max(c.occurred_at).desc(), *columns)
        .limit(IDENTIFIER_LIMIT)
    )


def _stored(row: Row[*tuple[object, ...]]) -> StoredEvent:
    columns = row._mapping
    country_name = columns["country_name"]
    status = {name: columns[name] for name in _STATUS_FIELDS if name != "country_name"}
    return StoredEvent(
        **{name: columns[name] for name in _PLAIN_FIELDS},
        deliveries=columns["deliveries"],
        device=_device(row),
        status=Status(**status, country_name=None if country_name is None else tuple(country_name)),
        findings=tuple(columns["findings"]),
    )


def _device(row: Row[*tuple[object, ...]]) -> Device:
    return Device(**{name: row._mapping[name] for name in _DEVICE_FIELDS})
