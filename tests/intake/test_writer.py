"""The laws of the writer, with a commit that does as the test says."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import pairwise

import pytest

from receiver.errors import (
    CommitFailed,
    CommitRefused,
    CommitUnknown,
    ContentRejected,
    QueueFull,
    ReceiverError,
    Unavailable,
)
from receiver.events.event import Arrival
from receiver.intake.late import LATE_LIMIT
from receiver.intake.writer import TOO_SLOW
from receiver.portions import PORTION
from tests.support.arrivals import arrival
from tests.support.writing import submit_all, writer


class Log:
    """Commits by writing down; waits before the first commit until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def commit(self, batch: Sequence[Arrival]) -> None:
        self.begun.set()
        await self.go.wait()
        self.batches.append([str(item.event.event_id) for item in batch])


async def test_an_item_at_an_idle_writer_is_committed_at_once_and_alone() -> None:
    log = Log()
    log.go.set()
    async with writer(log.commit) as target:
        await target.submit(arrival(1))
        await target.submit(arrival(2))
    assert log.batches == [["event-1"], ["event-2"]]


async def test_what_queues_up_during_a_commit_is_the_next_batch() -> None:
    log = Log()
    async with writer(log.commit) as target:
        first = target.submit(arrival(0))
        await log.begun.wait()
        rest = asyncio.create_task(submit_all(target, 5))
        while target.queued < 5:
            await asyncio.sleep(0)
        log.go.set()
        await asyncio.gather(first, rest)
    assert [len(batch) for batch in log.batches] == [1, 5]


def _note(done: list[str], word: str, _: object) -> None:
    done.append(word)


async def test_the_next_commit_begins_before_the_answers_of_the_last_one_are_written() -> None:
    done: list[str] = []
    log = Log()

    async def commit(batch: Sequence[Arrival]) -> None:
        done.append(f"begin {batch[0].event.event_id}")
        await log.commit(batch)

    async with writer(commit) as target:
        answers = []
        for number in range(3):
            answer = target.submit(arrival(number))
            answer.add_done_callback(partial(_note, done, f"answer event-{number}"))
            answers.append(answer)
            await log.begun.wait()
        log.go.set()
        await asyncio.gather(*answers)
    assert done == ["begin event-0", "begin event-1", *(f"answer event-{n}" for n in range(3))]


async def test_a_large_batch_is_answered_in_portions() -> None:
    log = Log()
    number = 3 * PORTION + 1
    async with writer(log.commit) as target:
        first = target.submit(arrival(0))
        await log.begun.wait()
        answers = [target.submit(arrival(each)) for each in range(1, number + 1)]
        log.go.set()
        await first
        counts = [0]
        while counts[-1] < number:
            await asyncio.sleep(0)
            counts.append(sum(answer.done() for answer in answers))
    assert max(after - before for before, after in pairwise(counts)) == PORTION


async def test_a_close_leaves_no_answer_to_a_later_turn() -> None:
    log = Log()
    async with writer(log.commit) as target:
        answers = [target.submit(arrival(number)) for number in range(3 * PORTION)]
        log.go.set()
    assert all(answer.done() for answer in answers)


async def test_what_is_stored_is_answered_before_what_comes_behind_it_is_given_up() -> None:
    done: list[str] = []
    log = Log()

    async def commit(batch: Sequence[Arrival]) -> None:
        if len(log.batches) == 2:
            raise CommitUnknown("not known")
        await log.commit(batch)

    async with writer(commit, patience_seconds=0) as target:
        answers = [target.submit(arrival(0))]
        await log.begun.wait()
        answers += [target.submit(arrival(number)) for number in range(1, 3 * PORTION)]
        log.go.set()
        while len(log.batches) < 2:
            await asyncio.sleep(0)
        answers.append(target.submit(arrival(3 * PORTION)))
        for number, answer in enumerate(answers):
            answer.add_done_callback(partial(_note, done, f"{number}"))
        results = await asyncio.gather(*answers, return_exceptions=True)
    assert isinstance(results.pop(), CommitFailed)
    assert results == [None] * (3 * PORTION)
    assert done[-1] == f"{3 * PORTION}"


async def test_a_half_that_is_stored_is_answered_while_the_other_half_is_not() -> None:
    go = asyncio.Event()

    async def commit(batch: Sequence[Arrival]) -> None:
        if len(batch) > 1:
            raise ContentRejected("one of them")
        if batch[0].event.event_id == "event-1":
            await go.wait()

    async with writer(commit) as target:
        answers = [target.submit(arrival(number)) for number in range(2)]
        await asyncio.wait_for(answers[0], timeout=30)
        assert not answers[1].done()
        go.set()
        await answers[1]


async def test_a_batch_is_never_larger_than_its_limit() -> None:
    log = Log()
    log.go.set()
    async with writer(log.commit, batch_limit=3) as target:
        assert await submit_all(target, 8) == [None] * 8
    assert max(len(batch) for batch in log.batches) == 3


@pytest.mark.parametrize("limit", [{"queue_limit": 2}, {"queue_limit_bytes": 30}])
async def test_a_full_queue_refuses(limit: dict[str, float]) -> None:
    log = Log()
    async with writer(log.commit, **limit) as target:
        first = target.submit(arrival(0))
        await log.begun.wait()
        waiting = asyncio.create_task(submit_all(target, 2))
        while target.queued < 2:
            await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await target.submit(arrival(3))
        log.go.set()
        await first
        assert await waiting == [None, None]
        await target.submit(arrival(4))


@pytest.mark.parametrize("payload", ["é" * 400, "😀" * 200, "x" * 250 + "😀"])
async def test_the_queue_is_bounded_in_bytes_and_not_in_characters(payload: str) -> None:
    log = Log()
    async with writer(log.commit, queue_limit_bytes=800) as target:
        first = target.submit(arrival(0))
        await log.begun.wait()
        second = target.submit(arrival(1, payload=payload))
        assert target.full
        with pytest.raises(QueueFull):
            await target.submit(arrival(2))
        log.go.set()
        await asyncio.gather(first, second)
        assert not target.full


async def test_a_batch_is_bounded_in_bytes_and_not_in_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("receiver.intake.queue.BATCH_LIMIT_BYTES", 800)
    log = Log()
    log.go.set()
    async with writer(log.commit) as target:
        texts = ("é" * 400, "é" * 400, "x" * 10, "x" * 10)
        waiting = [target.submit(arrival(n, payload=text)) for n, text in enumerate(texts)]
        await asyncio.gather(*waiting)
    assert [len(batch) for batch in log.batches] == [1, 1, 2]


async def test_there_is_room_for_as_many_as_the_queue_still_takes() -> None:
    log = Log()
    async with writer(log.commit, queue_limit=10) as target:
        assert [target.has_room(number) for number in (1, 10, 11)] == [True, True, True]
        first = target.submit(arrival(0))
        await log.begun.wait()
        waiting = asyncio.create_task(submit_all(target, 7))
        while target.queued < 7:
            await asyncio.sleep(0)
        assert [target.has_room(number) for number in (1, 3, 4)] == [True, True, False]
        log.go.set()
        await first
        await waiting


async def test_one_bad_item_among_a_hundred_costs_only_itself() -> None:
    async def commit(batch: Sequence[Arrival]) -> None:
        if any(item.event.event_id == "event-41" for item in batch):
            raise ContentRejected("SQLSTATE 22P05")
        stored.extend(str(item.event.event_id) for item in batch)

    stored: list[str] = []
    async with writer(commit) as target:
        answers = await submit_all(target, 100)
    assert [type(answer) for answer in answers] == [
        ContentRejected if number == 41 else type(None) for number in range(100)
    ]
    assert sorted(stored) == sorted(f"event-{number}" for number in range(100) if number != 41)


@pytest.mark.parametrize(
    "fault",
    [
        CommitUnknown("who knows"),
        CommitRefused("full", "disk-full"),
        Unavailable("away"),
        RuntimeError("?"),
    ],
)
async def test_a_server_fault_is_never_answered_as_the_senders(fault: Exception) -> None:
    async def commit(_batch: Sequence[Arrival]) -> None:
        raise fault

    async with writer(commit, deadline_seconds=0.2) as target:
        answers = await submit_all(target, 3)
    assert [type(answer) for answer in answers] == [CommitFailed] * 3


async def test_past_the_deadline_the_answer_is_unavailable_and_the_commit_goes_on() -> None:
    log = Log()
    async with writer(log.commit, deadline_seconds=0.01) as target:
        with pytest.raises(Unavailable):
            await target.submit(arrival(1))
        log.go.set()
    assert log.batches == [["event-1"]]


async def test_commits_that_do_not_come_back_are_not_piled_up() -> None:
    begun = 0

    async def commit(_batch: Sequence[Arrival]) -> None:
        nonlocal begun
        begun += 1
        await go.wait()

    go = asyncio.Event()
    async with writer(commit, deadline_seconds=0.01) as target:
        for number in range(LATE_LIMIT + 3):
            with pytest.raises(Unavailable):
                await target.submit(arrival(number))
        assert begun == LATE_LIMIT
        go.set()


async def test_commits_that_are_given_up_make_room_for_others() -> None:
    begun: list[str | None] = []
    gone = asyncio.Event()

    async def commit(batch: Sequence[Arrival]) -> None:
        begun.append(batch[0].event.event_id)
        if len(begun) <= LATE_LIMIT:
            await gone.wait()
            raise CommitUnknown("the connection was lost during the commit")

    async with writer(commit, deadline_seconds=0.05) as target:
        for number in range(LATE_LIMIT + 2):
            with pytest.raises(Unavailable):
                await target.submit(arrival(number))
        gone.set()
        await asyncio.sleep(0.1)
        await target.submit(arrival(9))
    # None of the given up is tried again, for its sender has had an answer.
    assert begun == [f"event-{number}" for number in (*range(LATE_LIMIT), 9)]


async def test_who_waited_while_others_hung_is_answered_without_a_try() -> None:
    begun = 0

    async def commit(_batch: Sequence[Arrival]) -> None:
        nonlocal begun
        begun += 1
        await go.wait()

    go = asyncio.Event()
    async with writer(commit, deadline_seconds=0.2, batch_limit=1) as target:
        answers = await submit_all(target, LATE_LIMIT + 2)
        assert [type(answer) for answer in answers] == [CommitFailed] * (LATE_LIMIT + 2)
        assert begun == LATE_LIMIT
        go.set()


async def test_a_commit_that_hangs_keeps_those_behind_it_waiting_for_one_deadline_only() -> None:
    async def commit(batch: Sequence[Arrival]) -> None:
        if batch[0].event.event_id == "event-0":
            await go.wait()

    go = asyncio.Event()
    async with writer(commit, batch_limit=1, deadline_seconds=0.05, patience_seconds=30) as target:
        hanging = target.submit(arrival(0))
        await target.submit(arrival(1))
        assert not hanging.done()
        go.set()
        await hanging


async def test_what_a_late_commit_has_stored_is_answered_so_while_its_sender_waits() -> None:
    log = Log()
    async with writer(log.commit, deadline_seconds=0.01, patience_seconds=30) as target:
        answer = target.submit(arrival(1))
        while target.outage.reason != TOO_SLOW:
            await asyncio.sleep(0.005)
        log.go.set()
        await answer
        assert target.outage.reason is None


async def test_a_late_batch_that_was_refused_is_tried_again_while_its_sender_waits() -> None:
    tried = 0

    async def commit(_batch: Sequence[Arrival]) -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            # Such as a host that says nothing until the limit of a connection is over.
            await asyncio.sleep(0.05)
            raise CommitRefused("away", "unreachable")

    async with writer(commit, deadline_seconds=0.01, patience_seconds=30) as target:
        await target.submit(arrival(1))
    assert tried == 2


async def test_a_sender_that_hangs_up_does_not_cancel_the_commit() -> None:
    log = Log()
    async with writer(log.commit) as target:
        impatient = target.submit(arrival(1))
        await log.begun.wait()
        impatient.cancel()
        log.go.set()
    assert log.batches == [["event-1"]]


async def test_close_drains_what_was_accepted_and_refuses_what_is_new() -> None:
    log = Log()
    target = writer(log.commit)
    async with target:
        first = target.submit(arrival(0))
        await log.begun.wait()
        accepted = asyncio.create_task(submit_all(target, 5))
        while target.queued < 5:
            await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(log.go.set)
    await first
    assert await accepted == [None] * 5
    with pytest.raises(Unavailable):
        await target.submit(arrival(9))


class Elsewhere:
    """An overflow that writes down what it is given, after it has tried the commit or not."""

    def __init__(self, *, tries: bool, fault: ReceiverError | None = None) -> None:
        self.taken: list[str] = []
        self._tries = tries
        self._fault = fault

    async def store(self, batch: Sequence[Arrival], commit: Callable[[], Awaitable[None]]) -> None:
        if self._tries:
            try:
                await commit()
            except ContentRejected:
                raise
            except ReceiverError:
                if self._fault is not None:
                    raise self._fault from None
            else:
                return
        self.taken += [str(item.event.event_id) for item in batch]


async def test_what_an_overflow_takes_is_durable_and_what_it_raises_is_answered() -> None:
    async def commit(_batch: Sequence[Arrival]) -> None:
        raise Unavailable("away")

    taking = Elsewhere(tries=True)
    async with writer(commit, taking.store) as target:
        assert await submit_all(target, 3) == [None] * 3
    assert taking.taken == ["event-0", "event-1", "event-2"]
    refusing = Elsewhere(tries=True, fault=Unavailable("full"))
    async with writer(commit, refusing.store) as target:
        assert [type(answer) for answer in await submit_all(target, 3)] == [CommitFailed] * 3


async def test_an_overflow_is_given_the_commit_with_its_deadline_and_may_do_without() -> None:
    log = Log()
    taking = Elsewhere(tries=True)
    async with writer(log.commit, taking.store, deadline_seconds=0.01) as target:
        await target.submit(arrival(1))
        log.go.set()
    assert (taking.taken, log.batches) == (["event-1"], [["event-1"]])
    untouched = Log()
    aside = Elsewhere(tries=False)
    async with writer(untouched.commit, aside.store) as target:
        await target.submit(arrival(2))
    assert (aside.taken, untouched.batches) == (["event-2"], [])


async def test_with_an_overflow_one_bad_item_still_costs_only_itself() -> None:
    async def commit(batch: Sequence[Arrival]) -> None:
        if any(item.event.event_id == "event-4" for item in batch):
            raise ContentRejected("SQLSTATE 22P05")

    taking = Elsewhere(tries=True)
    async with writer(commit, taking.store) as target:
        answers = await submit_all(target, 9)
    assert [number for number, answer in enumerate(answers) if answer is not None] == [4]
    assert taking.taken == []
