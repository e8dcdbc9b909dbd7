"""The laws of the writer while nothing can be stored: wait within the patience, lose no bound."""

import asyncio
from collections.abc import Sequence

import pytest

from receiver.errors import CommitFailed, CommitRefused, CommitUnknown, QueueFull, ReceiverError
from receiver.events.event import Arrival
from receiver.intake import tries
from receiver.intake.tries import TRIES
from receiver.intake.writer import Writer
from tests.support.arrivals import arrival
from tests.support.writing import submit_all, writer

AWAY = CommitRefused("the database cannot be reached", "unreachable")
PAUSE_SECONDS = 0.001
PATIENCE_SECONDS = 0.3
DEADLINE_SECONDS = 0.1

# Of a busy machine, beyond the patience that is measured.
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


def impatient(database: Database, **changed: float) -> Writer:
    limits = {
        "deadline_seconds": DEADLINE_SECONDS,
        "patience_seconds": PATIENCE_SECONDS,
        **changed,
    }
    return writer(database.commit, **limits)


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "PAUSE_SECONDS", PAUSE_SECONDS)


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


async def test_a_database_that_stays_away_is_tried_until_the_patience_is_over_and_not_beyond() -> (
    None
):
    database = Database(stays_away=True)
    time = asyncio.get_running_loop().time
    async with impatient(database) as target:
        began = time()
        with pytest.raises(CommitFailed):
            await target.submit(arrival(1))
        waited_seconds = time() - began
        await asyncio.sleep(10 * PAUSE_SECONDS)
        tried = len(database.tried)
        await asyncio.sleep(10 * PAUSE_SECONDS)
        assert len(database.tried) == tried
    assert waited_seconds > PATIENCE_SECONDS / 2
    assert waited_seconds < PATIENCE_SECONDS + SLACK_SECONDS
    assert tried > TRIES


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
    async with impatient(database, batch_limit=1) as target:
        waiting = asyncio.create_task(submit_all(target, 10))
        await database.is_missed.wait()
        began = time()
    closed_seconds = time() - began
    assert [type(answer) for answer in await waiting] == [CommitFailed] * 10
    assert closed_seconds < PATIENCE_SECONDS + DEADLINE_SECONDS + SLACK_SECONDS


async def test_a_close_stores_what_was_accepted_once_the_database_is_back() -> None:
    database = Database(stays_away=True)
    async with writer(database.commit) as target:
        waiting = asyncio.create_task(submit_all(target, 3))
        await database.is_missed.wait()
        asyncio.get_running_loop().call_later(5 * PAUSE_SECONDS, database.come_back)
    assert await waiting == [None] * 3
    assert sorted(database.stored) == ["event-0", "event-1", "event-2"]


async def test_each_item_has_its_own_patience_whatever_batch_it_is_in() -> None:
    database = Database(stays_away=True)
    patience_seconds = 4 * PATIENCE_SECONDS
    async with impatient(database, patience_seconds=patience_seconds) as target:
        first = target.submit(arrival(0))
        await database.is_missed.wait()
        queued = []
        for number in range(1, 6):
            queued.append(target.submit(arrival(number)))
            await asyncio.sleep(patience_seconds / 10)
        # Those that are one batch by now are given up one after the other.
        await asyncio.wait({first, queued[0]})
        assert not queued[-1].done()
        database.come_back()
        await queued[-1]
    assert isinstance(first.exception(), CommitFailed)


async def test_several_batches_together_are_tried_no_more_often_than_one() -> None:
    database = Database(stays_away=True)
    async with impatient(database, batch_limit=1, patience_seconds=0.5) as target:
        answers = [target.submit(arrival(number)) for number in range(4)]
        await asyncio.wait(answers)
    # At most one try for each pause, and the first try of each batch.
    assert len(database.tried) <= 0.6 / PAUSE_SECONDS + len(answers)
    for answer in answers:
        assert isinstance(answer.exception(), CommitFailed)
