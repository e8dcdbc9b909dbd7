"""The laws of the writer while the database is away: wait within the deadline, lose no bound."""

import asyncio
from collections.abc import Sequence

import pytest

from receiver.errors import CommitFailed, CommitNotBegun, CommitUnknown, QueueFull, ReceiverError
from receiver.events.event import Arrival
from receiver.intake import writer as writing
from receiver.intake.writer import PATIENCE_DEADLINES, TRIES
from tests.support.arrivals import arrival
from tests.support.writing import submit_all, writer

AWAY = CommitNotBegun("the database cannot be reached")
PAUSE_SECONDS = 0.001
DEADLINE_SECONDS = 0.2

# Of a busy machine, beyond the deadline that is measured.
SLACK_SECONDS = 2.0


class Database:
    """Raises the next of its faults at each commit; then stores, unless it stays away."""

    def __init__(self, *faults: ReceiverError, stays_away: bool = False) -> None:
        self._faults = list(faults)
        self._stays_away = stays_away
        self.tried: list[list[str]] = []
        self.stored: list[str] = []
        self.is_missed = asyncio.Event()

    async def commit(self, batch: Sequence[Arrival]) -> None:
        self.tried.append([item.arrival_id for item in batch])
        if self._faults:
            self.is_missed.set()
            raise self._faults.pop(0)
        if self._stays_away:
            self.is_missed.set()
            raise AWAY
        self.stored.extend(str(item.event.event_id) for item in batch)

    def come_back(self) -> None:
        self._stays_away = False


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "AWAY_PAUSE_SECONDS", PAUSE_SECONDS)


async def test_a_batch_waits_for_a_database_that_is_away_and_stays_the_same_batch() -> None:
    database = Database(*[AWAY] * 10 * TRIES)
    async with writer(database.commit) as target:
        await target.submit(arrival(1))
    assert database.stored == ["event-1"]
    assert len(database.tried) == 10 * TRIES + 1
    assert all(ids == database.tried[0] for ids in database.tried)


async def test_a_lost_connection_before_an_outage_is_tried_again_after_it() -> None:
    database = Database(CommitUnknown("lost"), *[AWAY] * 10)
    async with writer(database.commit) as target:
        await target.submit(arrival(1))
    assert database.stored == ["event-1"]


async def test_an_outage_gives_an_unknown_commit_no_further_tries() -> None:
    database = Database(*[AWAY, CommitUnknown("lost")] * TRIES)
    async with writer(database.commit) as target:
        with pytest.raises(CommitFailed):
            await target.submit(arrival(1))
    assert len(database.tried) == 2 * TRIES
    assert database.stored == []


async def test_a_database_that_stays_away_is_tried_until_the_deadline_and_not_beyond() -> None:
    database = Database(stays_away=True)
    time = asyncio.get_running_loop().time
    async with writer(database.commit, deadline_seconds=DEADLINE_SECONDS) as target:
        began = time()
        with pytest.raises(CommitFailed):
            await target.submit(arrival(1))
        waited_seconds = time() - began
        tries = len(database.tried)
        await asyncio.sleep(10 * PAUSE_SECONDS)
        assert len(database.tried) == tries
    assert waited_seconds > DEADLINE_SECONDS / 2
    assert waited_seconds < DEADLINE_SECONDS + SLACK_SECONDS
    assert tries > TRIES


async def test_the_queue_keeps_its_bound_while_the_database_is_away() -> None:
    database = Database(stays_away=True)
    async with writer(database.commit, queue_limit=2) as target:
        first = target.submit(arrival(0))
        await database.is_missed.wait()
        queued = [target.submit(arrival(1)), target.submit(arrival(2))]
        with pytest.raises(QueueFull):
            await target.submit(arrival(3))
        database.come_back()
        assert await asyncio.gather(first, *queued) == [None] * 3
    assert database.stored == ["event-0", "event-1", "event-2"]


async def test_a_close_while_the_database_is_away_ends_and_answers_everybody() -> None:
    database = Database(stays_away=True)
    time = asyncio.get_running_loop().time
    async with writer(database.commit, deadline_seconds=DEADLINE_SECONDS, batch_limit=1) as target:
        waiting = asyncio.create_task(submit_all(target, 10))
        await database.is_missed.wait()
        began = time()
    closed_seconds = time() - began
    assert [type(answer) for answer in await waiting] == [CommitFailed] * 10
    assert closed_seconds < PATIENCE_DEADLINES * DEADLINE_SECONDS + SLACK_SECONDS


async def test_a_close_stores_what_was_accepted_once_the_database_is_back() -> None:
    database = Database(stays_away=True)
    async with writer(database.commit) as target:
        waiting = asyncio.create_task(submit_all(target, 3))
        await database.is_missed.wait()
        asyncio.get_running_loop().call_later(5 * PAUSE_SECONDS, database.come_back)
    assert await waiting == [None] * 3
    assert sorted(database.stored) == ["event-0", "event-1", "event-2"]
