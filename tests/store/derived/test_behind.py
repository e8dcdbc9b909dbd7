"""How far the derived tables are behind the events."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import tuple_row
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import NotDerivedYet
from receiver.store.connections.database import connect_async
from receiver.store.connections.engine import reading
from receiver.store.derived import behind, rows
from receiver.store.derived.behind import (
    LAST_DEVICE,
    MEMORY_SECONDS,
    Behind,
    BehindMemory,
    ask_how_far,
    read_behind,
)
from receiver.store.derived.position import BEGAN_LATELY, RAN_THEN, STORED_SINCE
from receiver.store.derived.rows import Question, read_together
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import OVERLAPPING
from receiver.store.projector.projecting import Projection
from tests.support.explaining import blocks
from tests.support.facts import DEVICES, STATUSES, Told

# Copies of the events, stored before, by transactions that lie far ahead.
RESTORE = """
WITH restored AS (
    SELECT (event).* FROM (
        SELECT jsonb_populate_record(event, jsonb_build_object(
            'xact', 1000000000000, 'seq', nextval('event_seq'),
            'stored_at', epoch_at - interval '1 minute'
        )) AS event
        FROM projection, event, generate_series(1, %s)
        WHERE xact < pg_snapshot_xmax(pg_current_snapshot())
    ) AS copy
)
INSERT INTO event SELECT * FROM restored
"""

# Of a descent into an index that has grown by a level.
INDEX_BLOCKS = 3

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


@pytest.mark.parametrize("step", [-1, 1, behind.TAIL_LIMIT])
async def test_numbers_of_events_that_lie_apart_name_a_tail_and_never_hide_one(
    ingest: Ingest, projection: Projection, engine: AsyncEngine, conninfo: str, step: int
) -> None:
    await projection.derive_all()
    for event in EVENTS:
        await ingest.commit([event.arrival])
    with psycopg.connect(conninfo, autocommit=True) as writer:
        # Transactions store in another order than they began, and a lost one leaves a gap.
        writer.execute(
            "UPDATE event SET seq = 10 + %s * ("
            "SELECT count(*) FROM event AS other WHERE other.seq < event.seq)",
            [step],
        )
    async with reading(engine) as connection:
        found = await read_behind(connection, LAST_DEVICE)
        all_of_it = await read_behind(connection, LAST_DEVICE, is_limited=False)
    is_read = step < behind.TAIL_LIMIT
    assert bool(found.conditions) is is_read
    assert (found.as_of == found.asked_at) is is_read
    assert all_of_it.conditions


async def test_what_is_restored_from_another_cluster_is_not_looked_through(
    ingest: Ingest, projection: Projection, conninfo: str
) -> None:
    await projection.derive_all()
    await ingest.commit([event.arrival for event in EVENTS])
    with psycopg.connect(conninfo, autocommit=True) as reader:

        def restore(number: int) -> int:
            reader.execute(RESTORE, [number])
            reader.execute("VACUUM ANALYZE event")
            return blocks(reader, behind.BACKLOG, device=LAST_DEVICE, plans_once=False)

        few = restore(1000)
        assert restore(4000) <= few + 2 * INDEX_BLOCKS


@pytest.mark.parametrize(
    ("threshold", "is_apart", "is_wanted", "mode"),
    [
        (2, False, True, "force_generic_plan"),
        (2, False, False, "auto"),
        (2, True, True, "auto"),
        (None, False, True, "auto"),
    ],
)
async def test_a_look_how_far_has_what_is_asked_with_it_planned_once(
    projection: Projection,
    conninfo: str,
    monkeypatch: pytest.MonkeyPatch,
    threshold: int | None,
    is_apart: bool,
    is_wanted: bool,
    mode: str,
) -> None:
    await projection.derive_all()
    # It is no statement of its own.
    monkeypatch.setattr(rows, "PLAN_ONCE", "SELECT 1 / 0")
    shown = Question("SELECT current_setting('plan_cache_mode')", {}, tuple_row, is_wanted)
    connection = await connect_async(
        conninfo, statement_timeout_seconds=10, prepare_threshold=threshold
    )
    connection.may_be_distributed = is_apart
    try:
        for _ in range(3):
            _, found = await read_together(connection, ask_how_far(LAST_DEVICE), shown)
            assert found == [(mode,)]
        # The next transaction begins as it would.
        others = shown._replace(is_planned_once=False)
        assert await read_together(connection, others) == [[("auto",)]]
    finally:
        await connection.close()


@pytest.mark.parametrize(("is_apart", "mode"), [(False, "force_generic_plan"), (True, "auto")])
async def test_several_servers_are_asked_for_no_plan_that_is_good_for_all(
    conninfo: str, is_apart: bool, mode: str
) -> None:
    connection = await connect_async(conninfo, statement_timeout_seconds=10, prepare_threshold=2)
    connection.may_be_distributed = is_apart
    try:
        shown = Question("SELECT current_setting('plan_cache_mode')", {}, tuple_row, True)
        assert await read_together(connection, shown) == [[(mode,)]]
    finally:
        await connection.close()


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
    assert beside_a_slow_one.conditions != ()
    await ingest.commit([second])
    alone = beside_a_slow_one
    async with asyncio.timeout(30):
        # A transaction in another database of the server leaves one too, until it ends.
        while alone.conditions != ():
            await projection.derive_all()
            async with reading(engine) as connection:
                alone = await read_behind(connection, LAST_DEVICE)
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


AT = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING = Behind((), {}, AT, AT)
BEHIND_A_TIME = Behind((STORED_SINCE,), {"since": "2026-03-01 00:00:00+00"}, AT, AT)


def behind_snapshot(xmax: int, *running: int, epoch: str = "2026-01-01 00:00:00+00") -> Behind:
    words = "{" + ",".join(map(str, running)) + "}"
    conditions = (BEGAN_LATELY, RAN_THEN) if running else (BEGAN_LATELY,)
    return Behind(conditions, {"epoch_at": epoch, "xmax": str(xmax), "running": words}, AT, AT)


@pytest.mark.parametrize(
    ("earlier", "later", "covers"),
    [
        (NOTHING, NOTHING, True),
        (behind_snapshot(9), NOTHING, True),
        (behind_snapshot(9), behind_snapshot(9), True),
        (behind_snapshot(9), behind_snapshot(10), True),
        (behind_snapshot(9), behind_snapshot(12, 9, 11), True),
        (behind_snapshot(9, 7), behind_snapshot(12, 7, 11), True),
        (behind_snapshot(9, 7, 8), behind_snapshot(10, 8), True),
        (NOTHING, behind_snapshot(9), False),
        (behind_snapshot(10), behind_snapshot(9), False),
        (behind_snapshot(9, 7), behind_snapshot(10, 8), False),
        (behind_snapshot(9), behind_snapshot(9, 8), False),
        (behind_snapshot(9), behind_snapshot(10, epoch="2026-02-01 00:00:00+00"), False),
        (BEHIND_A_TIME, BEHIND_A_TIME, False),
        (BEHIND_A_TIME, behind_snapshot(9), False),
        (behind_snapshot(9), BEHIND_A_TIME, False),
    ],
)
def test_what_was_behind_covers_what_is_where_it_is_certain(
    earlier: Behind, later: Behind, covers: bool
) -> None:
    assert earlier.covers(later) is covers


@pytest.mark.parametrize(
    ("noted", "after_seconds", "is_recalled"),
    [
        (NOTHING, 3600.0, True),
        (behind_snapshot(9), MEMORY_SECONDS / 2, True),
        # By now too many more may be behind it.
        (behind_snapshot(9), MEMORY_SECONDS * 2, False),
        (BEHIND_A_TIME, 0.0, False),
    ],
)
def test_what_was_behind_is_recalled_while_little_more_can_be(
    noted: Behind, after_seconds: float, is_recalled: bool
) -> None:
    times: Iterator[float] = iter([100.0, 100.0 + after_seconds])
    memory = BehindMemory(lambda: next(times))
    assert memory.recall() is None
    memory.note(noted)
    assert memory.recall() == (noted if is_recalled else None)
