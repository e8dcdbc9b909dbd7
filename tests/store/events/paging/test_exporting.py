"""An export reads each event once, in short transactions, and ends before what may yet come."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.events.history import History
from receiver.store.events.ingest import INSERT, Ingest
from receiver.store.events.paging import exporting
from receiver.store.events.paging.exporting import ExportedEvents
from receiver.store.events.paging.statements import page_statement
from receiver.store.events.paging.walking import Pace
from receiver.store.events.selection import Position, Selection
from receiver.store.events.storing.rows import rows_of
from receiver.store.events.tables import event
from receiver.store.exports.formats import Format, event_line_of
from tests.support.arrivals import arrival
from tests.support.store.database import column, plan
from tests.support.store.history import store

ID = event.c.event_id
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"


async def read(
    history: History, selection: Selection, after: Position | None = None
) -> tuple[list[str], datetime]:
    exported = await history.export(selection, ID, after=after)
    return await read_all(exported), exported.before


async def read_all(exported: ExportedEvents) -> list[str]:
    """Returns the lines of an export, which are one word each."""
    lines = [lines async for page in exported.pages() for lines, _ in page]
    assert all(one.count == len(one.text.split(b"\n")) for one in lines)
    return [line.decode() for one in lines for line in one.text.split(b"\n")]


def named(*numbers: int) -> list[str]:
    return [f"event-{number}" for number in numbers]


async def test_pages_join_without_a_gap_with_and_without_filters(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE_LINES", 3)
    for number in range(0, 12, 2):
        pair = [arrival(number), arrival(number + 1, source="rare" if number % 4 else "usual")]
        await store(conninfo, pair)
    lazy = Pace(first_step=1, seconds=0)
    for history in (History(engine), History(engine, lazy)):
        found, _ = await read(history, Selection())
        assert sorted(found) == sorted(named(*range(12)))
        found, _ = await read(history, Selection(sources=["rare"]))
        assert found == named(3, 7, 11)
        found, _ = await read(history, Selection(credentials=["nobody"]))
        assert found == []


async def test_a_page_ends_early_rather_than_to_hold_many_bytes(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE_BYTES", 10_000)
    payload = '{"x": "' + "x" * 9_000 + '"}'
    await store(conninfo, [arrival(number, payload=payload) for number in range(6)])
    exported = await History(engine).export(Selection(), ID)
    assert [sum(lines.count for lines, _ in page) async for page in exported.pages()] == [
        2,
        2,
        2,
        0,
    ]


async def test_a_page_goes_on_behind_its_last_event_and_not_behind_its_highest_number(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE_LINES", 2)
    await store(conninfo, [arrival(number) for number in range(3)])
    # As of a transaction that took its time first and its number last; the others share a moment.
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "UPDATE event SET stored_at = stored_at - interval '1 second', seq = seq + 1000"
            " WHERE event_id = 'event-1'"
        )
        connection.execute(
            "UPDATE event SET stored_at = (SELECT max(stored_at) FROM event)"
            " WHERE event_id <> 'event-1'"
        )
    found, _ = await read(History(engine), Selection())
    assert sorted(found) == named(0, 1, 2)


async def test_a_page_comes_in_pieces_that_one_event_at_most_exceeds(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PIECE_BYTES", 1000)
    sizes = [300, 300, 300, 300, 5000, 10, 10]
    for number, size in enumerate(sizes):
        await store(conninfo, [arrival(number, payload='"' + "x" * (size - 2) + '"')])
    exported = await History(engine).export(Selection(), ID)
    [page] = [page async for page in exported.pages() if page]
    found = [lines.text.decode().split("\n") for lines, _ in page]
    assert found == [named(0, 1, 2, 3), named(4), named(5, 6)]


async def test_what_is_stored_after_the_beginning_is_not_in_it(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE_LINES", 1)
    for number in range(2):
        await store(conninfo, [arrival(number)])
    exported = await History(engine).export(Selection(), ID)
    await store(conninfo, [arrival(2)])
    assert await read_all(exported) == named(0, 1)


async def test_a_reader_that_stops_holds_no_transaction(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE_LINES", 1)
    await store(conninfo, [arrival(number) for number in range(5)])
    exported = await History(engine).export(Selection(), ID)
    async with aclosing(exported.pages()) as pages:
        await anext(pages)
        while column(conninfo, OPEN) != ["0"]:
            await asyncio.sleep(0.01)
        await anext(pages)


WRITERS = 4
COMMITS = 12


async def test_exports_that_follow_each_other_hold_all_that_several_writers_store_once(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE_LINES", 5)

    async def write(writer: int) -> None:
        ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=2)
        for commit in range(COMMITS):
            start = (writer * COMMITS + commit) * 3
            await ingest.commit([arrival(start + number) for number in range(3)])
        await ingest.close()

    with psycopg.connect(conninfo) as slow:
        # Its time is older than what the others store before it is seen.
        slow.execute(INSERT, {"rows": rows_of([arrival(1000)])})
        writing = asyncio.gather(*(write(writer) for writer in range(WRITERS)))
        seen: list[str] = []
        after: Position | None = None
        while True:
            is_done = writing.done()
            if is_done and slow.info.transaction_status:
                slow.commit()
            exported = await History(engine).export(Selection(), ID, after=after)
            seen += await read_all(exported)
            # The place before all events of this moment.
            after = Position(exported.before, exported.before, 0)
            if is_done:
                break
        await writing
    assert sorted(seen) == sorted(named(1000, *range(WRITERS * COMMITS * 3)))


@pytest.mark.parametrize("format_", Format)
async def test_a_page_reads_the_events_behind_the_last_one_by_the_key(
    conninfo: str, format_: Format
) -> None:
    await store(conninfo, [arrival(number) for number in range(2000)])
    now = datetime.now(UTC)
    question = page_statement(
        Selection(),
        order="asc",
        after=Position(now, now, 0),
        limit=10,
        limit_bytes=10**6,
        content=exporting._content(event_line_of(format_)),
    )
    assert "_pkey on event_2" in plan(conninfo, question)
