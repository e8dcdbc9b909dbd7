"""The event history: keyset pages over `event`, exact to the microsecond."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device
from receiver.store.connections.engine import selecting
from receiver.store.connections.keyset import Order
from receiver.store.events.keys import EventKey
from receiver.store.events.paging.exporting import ExportedEvents
from receiver.store.events.paging.horizon import read_horizon
from receiver.store.events.paging.parameters import NOWHERE
from receiver.store.events.paging.placing import place
from receiver.store.events.paging.sharing import share, write
from receiver.store.events.paging.walking import EventsStep, Pace, settle, walk
from receiver.store.events.selection import Position, Selection
from receiver.store.events.stored_event import COLUMNS, StoredEvent, reported_device, stored_event
from receiver.store.events.summaries import (
    DeviceSummary,
    identifiers_statement,
    known_statement,
    list_seeded,
    newest_statement,
    oldest_statement,
    reporting_seeds_statement,
    reporting_statement,
    seeded_statement,
)
from receiver.store.events.tables import event


class History:
    """Answers questions about stored events.

    Args:
        pace: how many events a page looks at; None: as usual.
    """

    def __init__(self, engine: AsyncEngine, pace: Pace | None = None) -> None:
        self._engine = engine
        self._pace = pace

    async def page(
        self,
        selection: Selection,
        *,
        order: Order,
        after: Position | None,
        limit: int,
        limit_bytes: int,
    ) -> tuple[list[StoredEvent], Position | None]:
        """Returns the next events, and where their page ends; None: there are no more.

        A page may end early, even without any event, where few events pass the filters. Ascending
        by arrival it ends before what an open transaction may yet add.

        Args:
            limit: of the events.
            limit_bytes: of their texts; the event that exceeds it is the last one.
        """
        horizon = None
        if order == "asc" and not selection.is_of_a_device:
            horizon = await read_horizon(self._engine)
        async with selecting(self._engine) as connection:
            page, end = await walk(
                EventsStep(connection, selection, order),
                selection,
                self._pace,
                after=after,
                limit=limit,
                limit_bytes=limit_bytes,
            )
        return (page, end) if horizon is None else settle(page, end, after, horizon)

    async def export(
        self, selection: Selection, line: ColumnElement[str], *, after: Position | None = None
    ) -> ExportedEvents:
        """Begins an export of all events of a selection, by arrival.

        Args:
            line: the SQL of the line for an event.
            after: the last event of an export before, of which this one is the rest.
        """
        before = await read_horizon(self._engine)
        return ExportedEvents(self._engine, selection, line, before, after=after, pace=self._pace)

    async def exists(self, selection: Selection) -> bool:
        """Tells whether a device or an identifier has any event, or had one that is not kept."""
        async with selecting(self._engine) as connection:
            selection = await place(connection, selection)
            answer = await connection.exec_driver_sql(*share(known_statement, selection))
            return bool(answer.scalar_one())

    async def event(self, key: EventKey) -> tuple[StoredEvent, str] | None:
        """Returns an event and its payload as received; None if no event has the key."""
        statement, constants = _write_event_statement()
        values = {**constants, **key._asdict()}
        async with selecting(self._engine) as connection:
            row = (await connection.exec_driver_sql(statement, values)).first()
        return None if row is None else (stored_event(row), row._mapping["payload"])

    async def devices_reporting(self, device: Device, limit: int) -> Sequence[UUID]:
        """Returns devices whose latest events carried these identifiers, at most `limit` of them.

        The device of the latest event comes first; last come those whose events are not kept.
        """
        async with selecting(self._engine) as connection:
            selection = await place(connection, Selection(reported=device))
            statement, values = share(reporting_statement, selection)
            latest = await connection.exec_driver_sql(statement, {**values, "limit_devices": limit})
            found = list(latest.scalars())
            if len(found) < limit:
                statement, values = share(reporting_seeds_statement, selection)
                more = {"others": found, "limit_devices": limit - len(found)}
                seeds = await connection.exec_driver_sql(statement, {**values, **more})
                found += seeds.scalars()
        return found

    async def device(self, device_id: UUID, linked: Sequence[UUID] = ()) -> DeviceSummary | None:
        """Sums a device up; None if it never had an event.

        Args:
            linked: devices that stand for it; their events count too.
        """
        async with selecting(self._engine) as connection:
            selection = Selection(device_id=device_id, linked=linked)
            selection = await place(connection, selection)
            newest, oldest, reported, seeded = [
                (await connection.exec_driver_sql(*share(compose, selection))).all()
                for compose in (
                    newest_statement,
                    oldest_statement,
                    identifiers_statement,
                    seeded_statement,
                )
            ]
        if not newest and not seeded:
            return None
        identifiers = [reported_device(row) for row in reported]
        return DeviceSummary(
            device_id=device_id,
            identifiers=tuple(dict.fromkeys([*identifiers, *list_seeded(seeded)])),
            first_event=stored_event(oldest[0]) if oldest else None,
            last_event=stored_event(newest[0]) if newest else None,
        )


def event_statement(key: EventKey) -> Select[*tuple[Any, ...]]:
    """Returns the question for one event and its payload; public for the test of its plan."""
    return select(*COLUMNS, cast(event.c.payload, Text).label("payload")).where(
        *(
            event.c[name] == bindparam(name, value, event.c[name].type)
            for name, value in key._asdict().items()
        )
    )


@cache
def _write_event_statement() -> tuple[str, Mapping[str, Any]]:
    """Returns the statement that all questions for one event share."""
    return write(event_statement(EventKey(UUID(int=0), NOWHERE.stored_at, NOWHERE.seq)))
