"""An ascending page by arrival ends before what an open transaction may yet add."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.events.history import History
from receiver.store.events.ingest import INSERT, Ingest
from receiver.store.events.paging.horizon import HORIZON, read_horizon
from receiver.store.events.selection import Position, Selection
from receiver.store.events.storing.rows import rows_of
from tests.support.arrivals import arrival
from tests.support.store.history import store
from tests.support.store.logins import modest_login


async def follow(
    engine: AsyncEngine, after: Position | None = None
) -> tuple[list[str], Position | None]:
    """Returns the senders' ids in the next page, and where it ends."""
    page, end = await History(engine).page(
        Selection(), order="asc", after=after, limit=50, limit_bytes=10**6
    )
    return [str(event.event_id) for event in page], end


@pytest.fixture
def other(conninfo: str) -> Iterator[psycopg.Connection]:
    """A connection with a transaction that stays open."""
    with psycopg.connect(conninfo) as connection:
        yield connection


def insert(connection: psycopg.Connection, number: int) -> None:
    connection.execute(INSERT, {"rows": rows_of([arrival(number)])})


async def test_what_an_open_transaction_adds_comes_before_what_was_committed_meanwhile(
    engine: AsyncEngine, conninfo: str, other: psycopg.Connection
) -> None:
    await store(conninfo, [arrival(1)])
    insert(other, 2)
    await store(conninfo, [arrival(3)])
    first, end = await follow(engine)
    assert first == ["event-1"]
    assert end is not None
    assert await follow(engine, end) == ([], end)
    other.commit()
    assert await follow(engine, end) == (["event-2", "event-3"], None)


WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"


async def test_what_waits_for_another_replica_that_stores_the_same_is_not_missed(
    engine: AsyncEngine, conninfo: str, other: psycopg.Connection
) -> None:
    insert(other, 2)
    same = asyncio.create_task(store(conninfo, [arrival(1), arrival(2)]))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while connection.execute(WAITING).fetchone() == (0,):
            await asyncio.sleep(0.01)
    await store(conninfo, [arrival(3)])
    page, end = await follow(engine)
    other.commit()
    await same
    rest, _ = await follow(engine, end)
    assert page == []
    assert sorted(rest) == ["event-1", "event-2", "event-3"]


async def test_what_is_undone_holds_nothing_up(
    engine: AsyncEngine, conninfo: str, other: psycopg.Connection
) -> None:
    insert(other, 1)
    await store(conninfo, [arrival(2)])
    first, end = await follow(engine)
    assert (first, end is None) == ([], False)
    other.rollback()
    assert await follow(engine, end) == (["event-2"], None)


async def test_an_event_takes_its_time_after_the_lock_by_which_it_is_known(
    engine: AsyncEngine, conninfo: str, other: psycopg.Connection
) -> None:
    other.execute("SELECT 1")
    await store(conninfo, [arrival(1)])
    assert await follow(engine) == (["event-1"], None)
    insert(other, 2)
    other.commit()
    assert await follow(engine) == (["event-1", "event-2"], None)


READERS = [
    "SELECT count(*) FROM event",
    "SELECT count(*) FROM reporting.event",
    "CREATE TABLE elsewhere AS SELECT * FROM event",
    "LOCK TABLE event IN ACCESS SHARE MODE",
]


@pytest.mark.parametrize("statement", READERS)
async def test_a_transaction_that_stores_no_event_holds_nothing_up(
    engine: AsyncEngine, conninfo: str, other: psycopg.Connection, statement: str
) -> None:
    other.execute(statement.encode())
    await store(conninfo, [arrival(1)])
    assert await follow(engine) == (["event-1"], None)


async def test_a_page_in_another_order_shows_an_event_at_once(
    engine: AsyncEngine, conninfo: str, other: psycopg.Connection
) -> None:
    insert(other, 1)
    await store(conninfo, [arrival(2)])
    page, end = await History(engine).page(
        Selection(), order="desc", after=None, limit=50, limit_bytes=10**6
    )
    assert ([event.event_id for event in page], end) == (["event-2"], None)


async def test_of_a_session_that_hides_its_beginning_half_a_minute_is_believed(
    engine: AsyncEngine, conninfo: str
) -> None:
    with modest_login(conninfo, "a_sender") as theirs:
        grant(conninfo, "a_sender")
        with psycopg.connect(theirs) as connection:
            insert(connection, 1)
            # Whoever reads is no superuser either.
            with modest_login(conninfo, "a_reader") as ours, psycopg.connect(ours) as reader:
                [(horizon, now)] = reader.execute(f"SELECT ({HORIZON}), now()".encode()).fetchall()
        seen = await read_horizon(engine)
    assert now - horizon == timedelta(seconds=30)
    assert datetime.now(UTC) - seen < timedelta(seconds=30)


async def test_whoever_is_open_for_too_long_holds_nothing_up(
    conninfo: str, other: psycopg.Connection
) -> None:
    insert(other, 1)
    impatient = HORIZON.replace("10 minutes", "1 microsecond")
    with psycopg.connect(conninfo) as reader:
        for question, is_held_up in ((HORIZON, True), (impatient, False)):
            [(horizon, now)] = reader.execute(f"SELECT ({question}), now()".encode()).fetchall()
            assert (horizon < now - timedelta(microseconds=1)) == is_held_up


def grant(conninfo: str, role: str) -> None:
    rights = "GRANT SELECT, INSERT, UPDATE ON event, event_identity TO {0}"
    with psycopg.connect(conninfo) as connection:
        connection.execute(sql.SQL(rights).format(sql.Identifier(role)))
        connection.execute(
            sql.SQL("GRANT USAGE ON SEQUENCE event_seq TO {0}").format(sql.Identifier(role))
        )


WRITERS = 4
COMMITS = 15
STREAMS = {
    "each its own": [[(writer * COMMITS + n) * 3 for n in range(COMMITS)] for writer in range(4)],
    # As of replicas to which a sender sends everything: their commits wait for each other.
    "all the same": [[n * 3 for n in range(4 * COMMITS)]] * WRITERS,
}


@pytest.mark.parametrize("streams", STREAMS.values(), ids=STREAMS)
async def test_whoever_follows_reads_all_that_several_writers_store_once(
    engine: AsyncEngine, conninfo: str, streams: list[list[int]]
) -> None:
    async def write(stream: list[int]) -> None:
        ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=2)
        for start in stream:
            await ingest.commit([arrival(start + number) for number in range(3)])
        await ingest.close()

    writing = asyncio.gather(*map(write, streams))
    seen: list[str] = []
    after: Position | None = None
    while True:
        is_done = writing.done()
        page, end = await History(engine).page(
            Selection(), order="asc", after=after, limit=7, limit_bytes=10**6
        )
        seen += [str(event.event_id) for event in page]
        after = end or (page[-1].position if page else after)
        if is_done and end is None:
            break
        await asyncio.sleep(0)
    await writing
    assert sorted(seen) == sorted(f"event-{number}" for number in range(WRITERS * COMMITS * 3))
