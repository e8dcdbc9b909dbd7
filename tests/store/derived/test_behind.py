"""How far the derived tables are behind the events."""

from uuid import UUID

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import NotDerivedYet
from receiver.store.connections.engine import reading
from receiver.store.derived import behind
from receiver.store.derived.behind import LAST_DEVICE, read_behind
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import OVERLAPPING
from receiver.store.projector.projecting import Projection
from tests.support.facts import DEVICES, STATUSES, Told

EVENTS = [
    Told(DEVICES[0], "s-1", "connectivity-data", STATUSES["connectivity-data"][0], minute, 0, 0)
    for minute in range(2)
]


async def test_a_short_backlog_is_folded_and_a_long_one_is_named(
    ingest: Ingest, projection: Projection, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await projection.derive_all()
    await ingest.commit([event.arrival for event in EVENTS])
    async with reading(engine) as connection:
        short = await read_behind(connection, LAST_DEVICE)
        monkeypatch.setattr(behind, "TAIL_LIMIT", 1)
        long = await read_behind(connection, LAST_DEVICE)
    assert (bool(short.conditions), short.as_of) == (True, short.asked_at)
    assert (long.conditions, long.bounds) == ((), {})
    assert long.as_of < short.as_of


async def test_what_is_derived_leaves_no_tail(
    ingest: Ingest, projection: Projection, engine: AsyncEngine, conninfo: str
) -> None:
    first, second = (event.arrival for event in EVENTS)
    with psycopg.connect(conninfo) as slow:
        # It might have stored an event that a later look shall see.
        slow.execute("SELECT pg_current_xact_id()")
        await ingest.commit([first])
        await projection.derive_all()
        async with reading(engine) as connection:
            beside_a_slow_one = await read_behind(connection, LAST_DEVICE)
    await ingest.commit([second])
    await projection.derive_all()
    async with reading(engine) as connection:
        alone = await read_behind(connection, LAST_DEVICE)
    assert (bool(beside_a_slow_one.conditions), alone.conditions) == (True, ())
    assert alone.as_of == alone.asked_at


async def test_no_answer_is_given_before_the_device_is_derived(
    engine: AsyncEngine, projection: Projection, conninfo: str
) -> None:
    async with reading(engine) as connection:
        with pytest.raises(NotDerivedYet):
            await read_behind(connection, LAST_DEVICE)
    await projection.derive_all()
    with psycopg.connect(conninfo, autocommit=True) as writer:
        writer.execute("UPDATE projection SET derivation = 0, rebuilt_below = %s", [UUID(int=5)])
    async with reading(engine) as connection:
        await read_behind(connection, UUID(int=4))
        with pytest.raises(NotDerivedYet):
            await read_behind(connection, LAST_DEVICE)


async def test_behind_a_time_more_is_folded(
    ingest: Ingest, engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    projection = Projection(
        conninfo, statement_timeout_seconds=10, prepare_threshold=None, feed=OVERLAPPING
    )
    await projection.derive_all()
    await projection.close()
    await ingest.commit([event.arrival for event in EVENTS])
    monkeypatch.setattr(behind, "TAIL_LIMIT", 1)
    async with reading(engine) as connection:
        short = await read_behind(connection, LAST_DEVICE)
        monkeypatch.setattr(behind, "OVERLAP_LIMIT", 1)
        long = await read_behind(connection, LAST_DEVICE)
    assert (bool(short.conditions), short.as_of) == (True, short.asked_at)
    assert (long.conditions, long.bounds) == ((), {})
