"""What is in the spool is stored once and then gone, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from receiver.errors import CommitUnknown, ContentRejected, QuarantineFull, Unavailable
from receiver.events.event import Arrival
from receiver.spool.draining import REASON, Drained
from receiver.spool.records import read_record
from receiver.store.quarantine.rows import NewRow
from tests.spool.test_overflow import row
from tests.support.arrivals import arrival
from tests.support.spooling import Database, Way, away, records_in, spool_in


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
async def way(tmp_path: Path, database: Database) -> AsyncIterator[Way]:
    way = Way(spool_in(tmp_path), database, batch_limit=4)
    yield way
    await way.spool.aclose()


async def spooled(way: Way, count: int, *, segments: int = 1) -> list[Arrival]:
    """Returns as many arrivals, which lie in as many files as are asked for."""
    arrivals = [arrival(number) for number in range(count)]
    for number in range(segments):
        await way.spool.append(arrivals[number::segments])
        await way.spool.seal()
    return arrivals


def refusing(*numbers: int) -> object:
    def refuse(batch: Sequence[Arrival]) -> None:
        if any(one.event.event_id == f"event-{number}" for one in batch for number in numbers):
            raise ContentRejected("SQLSTATE 22P05")

    return refuse


async def test_everything_is_stored_as_it_arrived_and_its_files_are_removed(
    way: Way, database: Database, tmp_path: Path
) -> None:
    arrivals = await spooled(way, 10, segments=3)
    assert await way.drain.run() == Drained(stored=10)
    assert database.stored == {one.arrival_id: one for one in arrivals}
    assert max(database.batches) <= 4
    assert list(tmp_path.iterdir()) == []
    assert way.outcomes == {"drained": 10}


async def test_a_file_that_is_still_appended_to_by_this_process_is_drained_too(
    way: Way, database: Database, tmp_path: Path
) -> None:
    await way.spool.append([arrival(1)])
    assert await way.drain.run() == Drained(stored=1)
    assert list(tmp_path.iterdir()) == []


async def test_the_first_commit_opens_the_direct_way(way: Way, database: Database) -> None:
    database.fault = away()
    await way.store([arrival(1)])
    assert await way.drain.run() == Drained(left=1)
    assert way.overflow.is_open
    database.fault = None
    assert await way.drain.run() == Drained(stored=1)
    assert not way.overflow.is_open


async def test_what_arrives_meanwhile_is_drained_in_the_same_run(
    way: Way, database: Database
) -> None:
    await spooled(way, 2)
    late = arrival(99)

    def take_more(_batch: Sequence[Arrival]) -> None:
        database.refuse = lambda _batch: None
        tasks.append(asyncio.ensure_future(way.spool.append([late])))

    tasks: list[asyncio.Future[None]] = []
    database.refuse = take_more
    assert await way.drain.run() == Drained(stored=3)
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("fault", [away(), CommitUnknown("lost"), Unavailable("SQLSTATE 53100")])
async def test_a_database_that_is_away_is_asked_once_and_nothing_is_lost(
    way: Way, database: Database, tmp_path: Path, fault: Exception
) -> None:
    arrivals = await spooled(way, 9, segments=2)
    database.fault = fault
    assert (await way.drain.run()).stored == 0
    assert len(database.batches) == 1
    assert len(records_in(tmp_path)) == 9
    database.fault = None
    await way.drain.run()
    assert len(database.stored) == len(arrivals)


async def test_what_was_stored_before_the_database_went_away_is_not_drained_again(
    way: Way, database: Database, tmp_path: Path
) -> None:
    await spooled(way, 10)

    def go_away(_batch: Sequence[Arrival]) -> None:
        if len(database.stored) == 8:
            raise away()

    database.refuse = go_away
    assert await way.drain.run() == Drained(stored=8, left=2)
    assert len(records_in(tmp_path)) == 2
    database.refuse = lambda _batch: None
    database.batches.clear()
    assert await way.drain.run() == Drained(stored=2)
    assert sum(database.batches) == 2


async def test_what_the_database_cannot_hold_goes_into_quarantine_with_its_reason(
    way: Way, database: Database, tmp_path: Path
) -> None:
    arrivals = await spooled(way, 8)
    database.refuse = refusing(1, 6)  # type: ignore[assignment] # a closure
    assert await way.drain.run() == Drained(stored=6, quarantined=2)
    assert list(tmp_path.iterdir()) == []
    assert set(database.quarantined) == {arrivals[1].arrival_id, arrivals[6].arrival_id}
    kept = database.quarantined[arrivals[1].arrival_id]
    assert (kept.reason, kept.credential, kept.received_at, kept.body, kept.is_member) == (
        REASON,
        arrivals[1].credential,
        arrivals[1].received_at,
        arrivals[1].event.payload.encode(),
        False,
    )
    assert way.outcomes == {"drained": 6, "quarantined": 2}


async def test_refused_bodies_go_into_quarantine(
    way: Way, database: Database, tmp_path: Path
) -> None:
    rows = [row(), row()]
    await way.spool.append([arrival(1), *rows])
    assert await way.drain.run() == Drained(stored=1, quarantined=2)
    assert list(database.quarantined.values()) == rows
    assert list(tmp_path.iterdir()) == []


async def test_a_full_quarantine_holds_up_nothing_but_what_belongs_into_it(
    way: Way, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = row()
    await way.spool.append([stuck, *[arrival(number) for number in range(6)]])

    async def refuse(_row: NewRow) -> None:
        raise QuarantineFull("the quarantine is full")

    with monkeypatch.context() as full:
        full.setattr(way.drain, "_keep", refuse)
        for _ in range(2):
            with pytest.raises(QuarantineFull):
                await way.drain.run()
    assert len(database.stored) == 6
    assert sum(database.batches) == 6
    assert records_in(tmp_path) == [stuck]
    assert await way.drain.run() == Drained(quarantined=1)


async def test_a_record_that_meets_an_error_nobody_foresaw_stays_and_the_others_do_not(
    way: Way, database: Database, tmp_path: Path
) -> None:
    arrivals = await spooled(way, 4)
    told = "a text that may hold content"

    def fail(batch: Sequence[Arrival]) -> None:
        if arrivals[2] in batch:
            raise LookupError(told)

    database.refuse = fail
    with capture_logs() as logs, pytest.raises(Unavailable):
        await way.drain.run()
    assert records_in(tmp_path) == [arrivals[2]]
    assert len(database.stored) == 3
    [line] = [line for line in logs if line["event"] == "record not drained"]
    assert line["error"] == "LookupError"
    assert told not in str(logs)


async def test_a_record_of_a_later_release_stays(
    way: Way, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await spooled(way, 3)

    def read(content: memoryview) -> object:
        if b"event-1" in bytes(content):
            raise KeyError("kind")
        return read_record(content)

    with monkeypatch.context() as older:
        older.setattr("receiver.spool.draining.read_record", read)
        with pytest.raises(Unavailable):
            await way.drain.run()
    assert len(database.stored) == 2
    assert len(records_in(tmp_path)) == 1
    assert await way.drain.run() == Drained(stored=1)


async def test_a_torn_last_record_is_left_out_and_its_file_removed(
    way: Way, database: Database, tmp_path: Path
) -> None:
    await spooled(way, 3)
    [file] = tmp_path.iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    assert await way.drain.run() == Drained(stored=2)
    assert list(tmp_path.iterdir()) == []


async def test_of_a_damaged_file_the_records_before_are_stored_and_the_rest_is_kept(
    way: Way, database: Database, tmp_path: Path
) -> None:
    await spooled(way, 6)
    [file] = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    at = content.index(b"event-4")
    content[at] ^= 1
    file.write_bytes(bytes(content))
    with capture_logs() as logs:
        assert await way.drain.run() == Drained(stored=4)
        assert await way.drain.run() == Drained()
    assert [line["event"] for line in logs if line["log_level"] == "error"] == [
        "a damaged file of the spool is set aside"
    ]
    [aside] = tmp_path.iterdir()
    assert aside.suffix == ".damaged"
    assert aside.read_bytes() == bytes(content)


async def test_whoever_lives_drains_the_files_of_those_who_do_not_and_leaves_the_others(
    tmp_path: Path, database: Database
) -> None:
    ways = [Way(spool_in(tmp_path), database) for _ in range(3)]
    for number, way in enumerate(ways):
        await way.spool.append([arrival(number)])
    # It ended; its file is nobody's.
    await ways[0].spool.aclose()
    assert await ways[1].drain.run() == Drained(stored=2)
    assert len(records_in(tmp_path)) == 1
    assert await ways[2].drain.run() == Drained(stored=1)
    for way in ways[1:]:
        await way.spool.aclose()


async def test_two_that_drain_at_once_share_the_files(tmp_path: Path, database: Database) -> None:
    ways = [Way(spool_in(tmp_path), database, batch_limit=2) for _ in range(2)]
    await spooled(ways[0], 40, segments=10)
    drained = await asyncio.gather(*(way.drain.run() for way in ways))
    assert sum(one.stored for one in drained) == 40
    assert len(database.stored) == 40
    assert sum(database.batches) == 40
    assert list(tmp_path.iterdir()) == []
    for way in ways:
        await way.spool.aclose()


async def test_what_another_installation_spooled_is_left_to_it(
    tmp_path: Path, database: Database
) -> None:
    theirs = Way(spool_in(tmp_path, namespace=uuid4()), Database())
    await spooled(theirs, 1)
    ours = Way(spool_in(tmp_path), database)
    assert await ours.drain.run() == Drained()
    assert database.stored == {}
    assert await theirs.drain.run() == Drained(stored=1)
    for way in (ours, theirs):
        await way.spool.aclose()


async def test_a_run_measures_the_folder_before_and_after(way: Way, database: Database) -> None:
    await spooled(way, 1)
    database.fault = away()
    await way.drain.run()
    assert way.spool.contents is not None
    assert way.spool.contents.files == 1
    database.fault = None
    await way.drain.run()
    assert way.spool.contents.files == 0
