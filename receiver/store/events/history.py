"""The event history: keyset pages over `event`, exact to the microsecond."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    all_,
    and_,
    cast,
    func,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device
from receiver.store.connections.engine import asking
from receiver.store.connections.keyset import Order, read_page
from receiver.store.events.keys import EventKey
from receiver.store.events.selection import (
    Position,
    Selection,
    beyond,
    condition,
    keyset,
    linked_ids,
)
from receiver.store.events.stored_event import (
    BYTES,
    COLUMNS,
    StoredEvent,
    reported_device,
    stored_event,
)
from receiver.store.events.summaries import (
    DeviceSummary,
    identifiers_statement,
    is_known,
    list_seeded,
    reporting_seeds_statement,
    seeded_statement,
)
from receiver.store.events.tables import event


class History:
    """Answers questions about stored events."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(
        self,
        selection: Selection,
        *,
        order: Order,
        after: Position | None,
        limit: int,
        limit_bytes: int,
    ) -> tuple[list[StoredEvent], bool]:
        """Returns the next events, and whether there are more behind them.

        Args:
            limit: of the events.
            limit_bytes: of their texts; the event that exceeds it is the last one.
        """
        statement = page_statement(
            selection, order=order, after=after, limit=limit + 1, limit_bytes=limit_bytes
        )
        async with asking(self._engine) as connection:
            found = (await connection.execute(statement)).all()
        rows, has_more = read_page(found, limit)
        return [stored_event(row) for row in rows], has_more

    async def exists(self, selection: Selection) -> bool:
        """Tells whether a device or an identifier has any event, or had one that is not kept."""
        statement = select(is_known(selection))
        async with asking(self._engine) as connection:
            return bool((await connection.execute(statement)).scalar_one())

    async def event(self, key: EventKey) -> tuple[StoredEvent, str] | None:
        """Returns an event and its payload as received; None if no event has the key."""
        async with asking(self._engine) as connection:
            row = (await connection.execute(event_statement(key))).first()
        return None if row is None else (stored_event(row), row._mapping["payload"])

    async def devices_reporting(self, device: Device, limit: int) -> Sequence[UUID]:
        """Returns devices whose events carried these identifiers, at most `limit` of them.

        The device of the latest event comes first.
        """
        found: list[UUID] = []
        async with asking(self._engine) as connection:
            while len(found) < limit:
                for question in (reporting_statement, reporting_seeds_statement):
                    statement = question(device, other_than=found)
                    next_device = (await connection.execute(statement)).scalar()
                    if next_device is not None:
                        found.append(next_device)
                        break
                else:
                    break
        return found

    async def device(self, device_id: UUID, linked: Sequence[UUID] = ()) -> DeviceSummary | None:
        """Sums a device up; None if it never had an event.

        Args:
            linked: devices that stand for it; their events count too.
        """
        selection = Selection(device_id=device_id, linked=linked)
        async with asking(self._engine) as connection:
            newest, oldest = [
                (await connection.execute(_page(selection, order, None, 1))).first()
                for order in ("desc", "asc")
            ]
            reported = (await connection.execute(identifiers_statement(selection))).all()
            seeded = (await connection.execute(seeded_statement(selection))).all()
        if newest is None and not seeded:
            return None
        identifiers = [reported_device(row) for row in reported]
        return DeviceSummary(
            device_id=device_id,
            identifiers=tuple(dict.fromkeys([*identifiers, *list_seeded(seeded)])),
            first_event=None if oldest is None else stored_event(oldest),
            last_event=None if newest is None else stored_event(newest),
        )


def event_statement(key: EventKey) -> Select[*tuple[Any, ...]]:
    """Returns the question for one event and its payload; public for the test of its plan."""
    return select(*COLUMNS, cast(event.c.payload, Text).label("payload")).where(
        event.c.device_id == key.device_id,
        event.c.stored_at == key.stored_at,
        event.c.seq == key.seq,
    )


def reporting_statement(device: Device, other_than: Sequence[UUID]) -> Select[UUID]:
    """Returns the question for one more device that reported these identifiers.

    Public for the test of its plan. The order is that of the identifier's index. With DISTINCT and
    a limit Postgres read every event by device instead, as if devices shared the identifier evenly.
    """
    selection = Selection(reported=device)
    return (
        select(event.c.device_id)
        .where(condition(selection), *(event.c.device_id != known for known in other_than))
        .order_by(*keyset(selection).sorting("desc"))
        .limit(1)
    )


def page_statement(
    selection: Selection,
    *,
    order: Order,
    limit: int,
    limit_bytes: int,
    after: Position | None = None,
) -> Select[*tuple[Any, ...]]:
    """Returns the question for one page; public for the tests that read its plan."""
    page = _page(selection, order, after, limit).add_columns(BYTES)
    return keyset(selection).cut(page, order, limit_bytes)


def _page(
    selection: Selection, order: Order, after: Position | None, limit: int
) -> Select[*tuple[Any, ...]]:
    """Returns the question for the first events of a selection in the order of its pages."""
    sorting = keyset(selection).sorting(order)
    page = select(*COLUMNS).order_by(*sorting).limit(limit)
    if selection.linked:
        keys = _merged_keys(selection, order, after, limit)
        same = (event.c[column.name] == column for column in keys.c)
        return page.join(keys, and_(*same))
    return page.where(condition(selection), _behind(selection, order, after))


def _merged_keys(
    selection: Selection, order: Order, after: Position | None, limit: int
) -> Subquery:
    """Returns the keys of the first events of a selection with devices that stand for it.

    Each device is read by its own index, up to the limit: OR and IN have no order of an index.
    """
    ordering = keyset(selection)
    first = (
        select(event.c.device_id, event.c.stored_at, event.c.seq, event.c.occurred_at)
        .where(_behind(selection, order, after))
        .order_by(*ordering.sorting(order))
        .limit(limit)
    )
    own = condition(replace(selection, linked=()))
    filters = condition(replace(selection, linked=(), device_id=None, reported=None))
    linked = func.unnest(linked_ids(selection)).table_valued("id", name="linked").render_derived()
    theirs = first.where(event.c.device_id == linked.c.id, filters).lateral("theirs")
    parts = union_all(
        first.where(own, event.c.device_id != all_(linked_ids(selection))),
        select(*theirs.c).select_from(linked).join(theirs, true()),
    ).subquery("part")
    return select(*parts.c).order_by(*ordering.sorting(order, parts)).limit(limit).subquery("key")


def _behind(selection: Selection, order: Order, after: Position | None) -> ColumnElement[bool]:
    """Returns the condition of events behind the end of a page; true for the first page."""
    return true() if after is None else beyond(selection, order, after)
