"""The reader of newly stored events: each once, however late its transaction commits."""

from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import question_engine
from receiver.store.events.ingest import INSERT
from receiver.store.events.storing.rows import rows_of
from receiver.store.following import feed as feeds
from receiver.store.following.feed import Feed, Key, chunk_statement, values_of_keys
from tests.support.arrivals import arrival
from tests.support.store.database import plan
from tests.support.store.history import store

KINDS = ["snapshot", "overlap"]


@pytest.fixture
async def engine(conninfo: str) -> AsyncIterator[AsyncEngine]:
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    yield engine
    await engine.dispose()


async def read(feed: Feed) -> list[str]:
    """Returns the sender's ids of one step, in order."""
    return [str(told.event.event_id) async for events in feed.read() for told in events]


def ids(*numbers: int) -> list[str]:
    return [str(arrival(number).event.event_id) for number in numbers]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_stored_is_read_once_in_its_order(
    conninfo: str, engine: AsyncEngine, kind: str
) -> None:
    await store(conninfo, [arrival(0)])
    feed = Feed(engine, kind)
    await feed.begin()
    await store(conninfo, [arrival(3), arrival(1)])
    await store(conninfo, [arrival(2)])
    first = await read(feed)
    assert (sorted(first[:2]), first[2:]) == (sorted(ids(3, 1)), ids(2))
    assert await read(feed) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_transaction_that_commits_late_is_read_once(
    conninfo: str, engine: AsyncEngine, kind: str
) -> None:
    feed = Feed(engine, kind)
    with psycopg.connect(conninfo) as before, psycopg.connect(conninfo) as within:
        before.execute(INSERT, {"rows": rows_of([arrival(1)])})
        await feed.begin()
        within.execute(INSERT, {"rows": rows_of([arrival(2)])})
        await store(conninfo, [arrival(3)])
        assert await read(feed) == ids(3)
        before.commit()
        assert await read(feed) == ids(1)
        within.commit()
        await store(conninfo, [arrival(4)])
        assert await read(feed) == ids(2, 4)
    assert await read(feed) == []


async def test_a_step_that_is_cut_off_is_read_again(conninfo: str, engine: AsyncEngine) -> None:
    feed = Feed(engine, "snapshot")
    await feed.begin()
    await store(conninfo, [arrival(1)])
    async for _ in feed.read():
        break
    assert await read(feed) == ids(1)


async def test_the_events_of_large_steps_come_in_parts(
    conninfo: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "CHUNK_EVENTS", 2)
    feed = Feed(engine, "snapshot")
    await feed.begin()
    await store(conninfo, [arrival(number) for number in range(5)])
    assert [len(events) async for events in feed.read()] == [2, 2, 1]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_reader_with_too_much_before_it_is_broken(
    conninfo: str, engine: AsyncEngine, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "STEP_LIMIT", 1)
    monkeypatch.setattr(feeds, "OVERLAP_LIMIT", 1)
    feed = Feed(engine, kind)
    await feed.begin()
    await store(conninfo, [arrival(1), arrival(2)])
    assert await read(feed) == []
    assert feed.at is None


@pytest.mark.parametrize("column", ["system_identifier", "timeline"])
async def test_a_position_of_another_server_is_broken(
    conninfo: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    feed = Feed(engine, "snapshot")
    await feed.begin()
    await store(conninfo, [arrival(1)])
    elsewhere = feeds.HERE.replace(f"AS {column}", f"AS was, '1' AS {column}")
    monkeypatch.setattr(feeds, "HERE", elsewhere)
    assert await read(feed) == []
    assert feed.at is None


async def test_events_are_looked_up_by_their_keys(conninfo: str) -> None:
    await store(conninfo, [arrival(number) for number in range(3000)])
    with psycopg.connect(conninfo) as connection:
        keys = connection.execute("SELECT device_id, stored_at, seq FROM event LIMIT 3").fetchall()
    values = values_of_keys(list(map(Key._make, keys)))
    explained = plan(conninfo, chunk_statement().params(values))
    assert "_pkey" in explained
    assert "Join" not in explained
