"""The reader of newly stored events: finds their keys by its position, and reads them in order."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Select, Text, and_, bindparam, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from receiver.store.connections.engine import asking
from receiver.store.derived.position import OVERLAP_SECONDS
from receiver.store.events.paging.placing import place
from receiver.store.events.paging.sharing import write
from receiver.store.events.selection import Selection
from receiver.store.events.stored_event import COLUMNS, StoredEvent, stored_event
from receiver.store.events.tables import event
from receiver.store.following.arrays import write_array
from receiver.store.following.lateness import Told, mark_late
from receiver.store.projector.feeds import NEW_EPOCH_AT

# New events that one step reads; a reader that is further behind is slower than pages are.
STEP_LIMIT = 20_000

# All events of the overlap, which a step by time finds again each time.
OVERLAP_LIMIT = 200_000

# Events that are read, and handed on, at a time.
CHUNK_EVENTS = 100

# Who answers, and up to where: what is visible to this snapshot is told with the step. A server
# that takes over has another timeline, and may have lost transactions of the one before.
HERE = f"""
SELECT now() AS at, pg_current_snapshot()::text AS snapshot, {NEW_EPOCH_AT} AS epoch_at,
    (SELECT system_identifier FROM pg_control_system()) AS system_identifier,
    left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline
"""  # noqa: S608 - composed of constants
HERE_BY_TIME = "SELECT now() AS at"

KEYS = f"""
SELECT device_id, stored_at, seq FROM event
WHERE stored_at >= %(epoch_at)s AND xact >= %(xmax)s::xid8
    AND pg_visible_in_snapshot(xact, %(snapshot)s::pg_snapshot)
UNION ALL
SELECT device_id, stored_at, seq FROM event
WHERE stored_at >= %(epoch_at)s AND xact = ANY(%(running)s::xid8[])
    AND pg_visible_in_snapshot(xact, %(snapshot)s::pg_snapshot)
LIMIT {STEP_LIMIT + 1}
"""  # noqa: S608 - composed of constants
KEYS_BY_TIME = f"""
SELECT device_id, stored_at, seq FROM event WHERE stored_at >= %(since)s LIMIT {OVERLAP_LIMIT + 1}
"""  # noqa: S608 - composed of constants


class Key(NamedTuple):
    """The key of an event's row."""

    device_id: UUID
    stored_at: datetime
    seq: int


class Place(Protocol):
    """A position of the reader.

    Attributes:
        at: the database's clock; what was visible then is told.
    """

    at: datetime

    async def find(self, connection: AsyncConnection) -> "tuple[Place, Sequence[Key]] | None":
        """Finds what is new, and the position behind it; None: this position is broken."""


class Snapshot:
    """A position that is a snapshot of one server."""

    def __init__(self, here: Any) -> None:
        self.at: datetime = here.at
        self._epoch_at: datetime = here.epoch_at
        self._snapshot: str = here.snapshot
        self._server = (here.system_identifier, here.timeline)

    @classmethod
    async def begin(cls, connection: AsyncConnection) -> "Snapshot":
        """Returns the position that is now."""
        return cls((await connection.exec_driver_sql(HERE)).one())

    async def find(self, connection: AsyncConnection) -> "tuple[Snapshot, Sequence[Key]] | None":
        """As of `Place`."""
        following = await self.begin(connection)
        _, xmax, running = self._snapshot.split(":")
        parameters = {
            "epoch_at": self._epoch_at,
            "xmax": xmax,
            "running": f"{{{running}}}",
            "snapshot": following._snapshot,
        }
        found = (await connection.exec_driver_sql(KEYS, parameters)).all()
        if following._server != self._server or len(found) > STEP_LIMIT:
            return None
        # What was stored long before the reader began is not looked through.
        following._epoch_at = self._epoch_at
        return following, list(map(Key._make, found))


class Overlap:
    """A position that is a time, and what was told of the half minute before it."""

    def __init__(self, at: datetime, told: frozenset[Key]) -> None:
        self.at = at
        self._told = told

    @classmethod
    async def begin(cls, connection: AsyncConnection) -> "Overlap":
        """Returns the position that is now."""
        at, found = await cls._read(connection)
        return cls(at, frozenset(found))

    async def find(self, connection: AsyncConnection) -> "tuple[Overlap, Sequence[Key]] | None":
        """As of `Place`."""
        at, found = await self._read(connection, self.at)
        if len(found) > OVERLAP_LIMIT:
            return None
        return Overlap(at, frozenset(found)), [key for key in found if key not in self._told]

    @staticmethod
    async def _read(
        connection: AsyncConnection, before: datetime | None = None
    ) -> tuple[datetime, Sequence[Key]]:
        """Reads the clock, and then what was stored in the overlap before it or before a time."""
        at: datetime = (await connection.exec_driver_sql(HERE_BY_TIME)).scalar_one()
        since = min(at, before or at) - timedelta(seconds=OVERLAP_SECONDS)
        rows = (await connection.exec_driver_sql(KEYS_BY_TIME, {"since": since})).all()
        return at, list(map(Key._make, rows))


# By the values of `RECEIVER_FEED`.
PLACES: dict[str, type[Snapshot] | type[Overlap]] = {"snapshot": Snapshot, "overlap": Overlap}


class Feed:
    """Reads newly stored events, one step after the other.

    Args:
        kind: a value of `RECEIVER_FEED`.
    """

    def __init__(self, engine: AsyncEngine, kind: str) -> None:
        self._engine = engine
        self._kind = PLACES[kind]
        self._place: Place | None = None

    @property
    def at(self) -> datetime | None:
        """The database's clock at the last step: what was visible then is told. None: not begun."""
        return None if self._place is None else self._place.at

    async def begin(self) -> None:
        """Begins at what is visible now.

        Raises:
            DatabaseAway: the database cannot be asked.
        """
        async with asking(self._engine) as connection:
            self._place = await self._kind.begin(connection)

    def leave(self) -> None:
        """Forgets the position."""
        self._place = None

    async def read(self) -> AsyncIterator[Sequence[Told]]:
        """Yields the new events in the order of their storing, some at a time.

        Afterwards they are told; where the step ends before, the next one yields them again.
        A reader that turns out to be broken yields nothing and has no position any more.

        Raises:
            DatabaseAway: the database cannot be asked.
        """
        if self._place is None:
            raise LookupError("the reader has not begun")
        told_until = self._place.at
        async with asking(self._engine) as connection:
            found = await self._place.find(connection)
        if found is None:
            self._place = None
            return
        following, keys = found
        keys = sorted(keys, key=lambda key: (key.stored_at, key.seq))
        for begin in range(0, len(keys), CHUNK_EVENTS):
            chunk = keys[begin : begin + CHUNK_EVENTS]
            async with asking(self._engine) as connection:
                is_apart = (await place(connection, Selection())).is_apart
                found_events = await connection.exec_driver_sql(*_find_events(chunk, is_apart))
                events: list[StoredEvent] = [stored_event(row) for row in found_events.all()]
                marked = await mark_late(connection, events, told_until)
            yield marked
        self._place = following


def chunk_statement(*, is_apart: bool = False) -> Select[*tuple[Any, ...]]:
    """Returns the question for events by their keys, in order; public for the test of its plan.

    Its parameters are those of `values_of_keys`.

    Args:
        is_apart: as of `Selection`.
    """
    key = (
        func.unnest(
            *(cast(bindparam(name, type_=Text), ARRAY(event.c[name].type)) for name in Key._fields)
        )
        .table_valued(*Key._fields, name="key")
        .render_derived()
    )
    if is_apart:
        same = and_(*(event.c[name] == key.c[name] for name in Key._fields))
        rows = select(*COLUMNS).select_from(key.join(event, same))
        return rows.order_by(event.c.stored_at, event.c.seq)
    # One look-up for each key: a join may be turned round.
    found = (
        select(*COLUMNS)
        .where(*(event.c[name] == key.c[name] for name in Key._fields))
        .limit(1)
        .lateral("found")
    )
    rows = select(*found.c).select_from(key).join(found, true())
    return rows.order_by(found.c.stored_at, found.c.seq)


def values_of_keys(keys: Sequence[Key]) -> dict[str, Any]:
    """Returns the values of the parameters of `chunk_statement`."""
    return {
        name: write_array(values)
        for name, values in zip(Key._fields, zip(*keys, strict=True), strict=True)
    }


def _find_events(keys: Sequence[Key], is_apart: bool) -> tuple[str, dict[str, Any]]:
    text, constants = _chunk(is_apart)
    return text, {**constants, **values_of_keys(keys)}


@cache
def _chunk(is_apart: bool) -> tuple[str, Mapping[str, Any]]:
    return write(chunk_statement(is_apart=is_apart))
