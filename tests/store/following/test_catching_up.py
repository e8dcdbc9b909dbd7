"""Pages of what was missed: they end before what an open transaction adds, or go to the end."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import question_engine
from receiver.store.events.ingest import INSERT
from receiver.store.events.selection import Position, Selection
from receiver.store.events.storing.rows import rows_of
from receiver.store.following import catching_up
from receiver.store.following.catching_up import CatchUp
from tests.support.arrivals import arrival
from tests.support.store.database import column
from tests.support.store.history import store

SPREAD_OUT = """
UPDATE event SET stored_at = %(begin)s + place / 3 * interval '10 seconds'
    + (3 - place %% 3) * interval '3.3 seconds'
FROM (SELECT ctid, row_number() OVER (ORDER BY seq) - 1 AS place FROM event) AS ordered
WHERE event.ctid = ordered.ctid
"""


@pytest.fixture
async def engine(conninfo: str) -> AsyncIterator[AsyncEngine]:
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    yield engine
    await engine.dispose()


async def read_all(catch_up: CatchUp, begin: Position, *, is_settled: bool) -> list[str]:
    """Returns the sender's ids of all pages."""
    seen, end, is_last = [], begin, False
    while not is_last:
        page = await catch_up.read(Selection(), end, is_settled=is_settled)
        seen += [str(told.event.event_id) for told in page.events]
        end, is_last = page.end, page.is_last
    return seen


def begin_at(conninfo: str) -> Position:
    return CatchUp.begin(latest_stored(conninfo))


def latest_stored(conninfo: str) -> datetime:
    return datetime.fromisoformat(column(conninfo, "SELECT max(stored_at) FROM event")[0])


async def test_pages_begin_half_a_minute_before_the_last_event_and_go_to_the_end(
    conninfo: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "PAGE_EVENTS", 2)
    numbers = range(7)
    for number in numbers:
        await store(conninfo, [arrival(number)])
    begin = begin_at(conninfo)
    half_a_minute_before = latest_stored(conninfo) - timedelta(seconds=30)
    assert half_a_minute_before - timedelta(seconds=10) < begin.stored_at <= half_a_minute_before
    expected = [str(arrival(number).event.event_id) for number in numbers]
    for is_settled in (True, False):
        assert await read_all(CatchUp(engine), begin, is_settled=is_settled) == expected


async def test_settled_pages_end_before_an_open_transaction_and_others_do_not(
    conninfo: str, engine: AsyncEngine
) -> None:
    await store(conninfo, [arrival(1)])
    begin = begin_at(conninfo)
    with psycopg.connect(conninfo) as other:
        other.execute(INSERT, {"rows": rows_of([arrival(2)])})
        await store(conninfo, [arrival(3)])
        first, third = (str(arrival(number).event.event_id) for number in (1, 3))
        catch_up = CatchUp(engine)
        assert await read_all(catch_up, begin, is_settled=True) == [first]
        assert await read_all(catch_up, begin, is_settled=False) == [first, third]


async def test_pages_of_those_who_began_at_different_marks_are_the_same(
    conninfo: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "PAGE_EVENTS", 4)
    await store(conninfo, [arrival(number) for number in range(30)])
    # Three events in each ten seconds.
    begin = catching_up.CatchUp.begin(latest_stored(conninfo)).stored_at - timedelta(minutes=2)
    with psycopg.connect(conninfo) as connection:
        connection.execute(SPREAD_OUT, {"begin": begin})
    catch_up = CatchUp(engine)

    async def read_ends(seconds: int) -> tuple[list[Position], int]:
        end, is_last, ends, count = begin_of(begin, seconds), False, [], 0
        while not is_last:
            page = await catch_up.read(Selection(), end, is_settled=True)
            end, is_last, count = page.end, page.is_last, count + len(page.events)
            ends.append(end)
        return ends, count

    ends, count = await read_ends(0)
    for marks in range(1, 10):
        fewer, left = await read_ends(10 * marks)
        assert left == count - 3 * marks
        assert fewer == ends[-len(fewer) :]


def begin_of(begin: datetime, seconds: int) -> Position:
    return CatchUp.begin(begin + timedelta(seconds=30 + seconds))


async def test_it_is_known_from_when_events_are_kept(conninfo: str, engine: AsyncEngine) -> None:
    catch_up = CatchUp(engine)
    assert await catch_up.read_kept_from() is None
    column(
        conninfo,
        "INSERT INTO retention (kept_from, identities_from)"
        " VALUES ('2026-04-01Z', '2026-04-01Z') RETURNING kept_from",
    )
    kept_from = await catch_up.read_kept_from()
    assert kept_from is not None
    assert kept_from.isoformat().startswith("2026-04-01")
