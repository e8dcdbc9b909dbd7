"""The runner of background work: what it repeats, logs, counts, restarts and tells."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from structlog.testing import capture_logs

from receiver.app import background
from receiver.errors import DatabaseAway
from tests.support.loop_clock import LoopClock
from tests.support.work import (
    EVERY_SECONDS,
    RETRY_SECONDS,
    Work,
    failures,
    runner_of,
    seconds_to_last_success,
    settle,
    task_of,
)

SENT_NUMBER = "+99999991000"


def held_elsewhere(_: str) -> AbstractAsyncContextManager[bool]:
    return nullcontext(False)


@asynccontextmanager
async def unreachable(_: str) -> AsyncIterator[bool]:
    raise DatabaseAway("the database cannot be asked for a lock")
    yield


async def test_a_task_runs_at_the_start_and_after_each_interval(clock: LoopClock) -> None:
    work = Work()
    runner, metrics = runner_of(task_of(work))
    async with runner:
        assert (failures(metrics), seconds_to_last_success(metrics)) == (0, 0)
        await work.has_run(1)
        await settle()
        assert seconds_to_last_success(metrics) == 1
        clock.advance(EVERY_SECONDS - 5)
        await settle()
        assert work.runs == 1
        clock.advance(5)
        await work.has_run(2)
        await settle()
    assert (failures(metrics), seconds_to_last_success(metrics)) == (0, 2)


async def test_a_task_that_is_not_due_at_the_start_waits_for_its_interval(
    clock: LoopClock,
) -> None:
    work = Work()
    runner, _ = runner_of(task_of(work, is_due_at_start=False))
    async with runner:
        await settle()
        assert work.runs == 0
        clock.advance(EVERY_SECONDS)
        await work.has_run(1)


async def test_an_unforeseen_error_is_logged_without_its_text_counted_and_tried_again(
    clock: LoopClock,
) -> None:
    work = Work(RuntimeError(SENT_NUMBER))
    runner, metrics = runner_of(task_of(work))
    with capture_logs() as logs:
        async with runner:
            await work.has_run(1)
            await settle()
            clock.advance(RETRY_SECONDS)
            await work.has_run(2)
            await settle()
    assert (failures(metrics), seconds_to_last_success(metrics)) == (2, 0)
    assert [(line["event"], line["task"], line["error"]) for line in logs] == [
        ("background task failed", "work", "RuntimeError")
    ] * 2
    assert all("run_once" in line["frames"] for line in logs)
    assert SENT_NUMBER not in str(logs)


async def test_an_error_of_ours_is_logged_by_its_word_and_reason(clock: LoopClock) -> None:
    work = Work(DatabaseAway("the database cannot be asked"))
    runner, metrics = runner_of(task_of(work))
    with capture_logs() as logs:
        async with runner:
            await work.has_run(1)
            await settle()
    assert failures(metrics) == 1
    assert logs == [
        {
            "event": "background task failed",
            "log_level": "warning",
            "task": "work",
            "error": "database-away",
            "reason": "the database cannot be asked",
        }
    ]


async def test_a_loop_that_ends_is_logged_counted_and_started_again(clock: LoopClock) -> None:
    # As when something that the work waits for is cancelled, which is no exception to catch.
    work = Work(asyncio.CancelledError())
    runner, metrics = runner_of(task_of(work))
    with capture_logs() as logs:
        async with runner:
            await work.has_run(1)
            await settle()
            assert failures(metrics) == 1
            work.error = None
            clock.advance(RETRY_SECONDS)
            await work.has_run(2)
            await settle()
    assert [(line["event"], line["error"]) for line in logs] == [
        ("background task failed", "CancelledError")
    ]
    assert (failures(metrics), seconds_to_last_success(metrics)) == (1, 1)


async def test_a_required_task_is_overdue_after_three_intervals_without_a_success(
    clock: LoopClock,
) -> None:
    work = Work(RuntimeError())
    runner, _ = runner_of(task_of(work, is_required=True))
    async with runner:
        await work.has_run(1)
        clock.advance(3 * EVERY_SECONDS - 5)
        assert runner.overdue() == []
        clock.advance(6)
        assert runner.overdue() == ["the background task work has not succeeded for 181 seconds"]
        work.error = None
        await work.has_run(2)
        await settle()
        assert runner.overdue() == []


async def test_a_task_that_hangs_is_overdue_too(clock: LoopClock) -> None:
    work = Work()
    work.gate.clear()
    runner, _ = runner_of(task_of(work, is_required=True))
    async with runner:
        await work.has_run(1)
        clock.advance(4 * EVERY_SECONDS)
        assert len(runner.overdue()) == 1


async def test_a_task_that_is_not_required_is_never_overdue(clock: LoopClock) -> None:
    work = Work(RuntimeError())
    runner, _ = runner_of(task_of(work))
    async with runner:
        await work.has_run(1)
        clock.advance(100 * EVERY_SECONDS)
        assert runner.overdue() == []


async def test_a_run_that_another_process_has_under_way_is_skipped_and_no_failure(
    clock: LoopClock,
) -> None:
    work = Work()
    runner, metrics = runner_of(task_of(work, is_required=True, is_exclusive=True), held_elsewhere)
    async with runner:
        await settle()
        for _ in range(30):
            clock.advance(RETRY_SECONDS)
            await settle()
            assert runner.overdue() == []
    assert (work.runs, failures(metrics), seconds_to_last_success(metrics)) == (0, 0, 0)


async def test_a_lock_that_cannot_be_asked_for_is_a_failure(clock: LoopClock) -> None:
    work = Work()
    runner, metrics = runner_of(task_of(work, is_exclusive=True), unreachable)
    with capture_logs() as logs:
        async with runner:
            await settle()
    assert (work.runs, failures(metrics)) == (0, 1)
    assert [line["error"] for line in logs] == ["database-away"]


async def test_a_lock_is_asked_for_by_the_name_of_the_task_and_only_by_an_exclusive_one(
    clock: LoopClock,
) -> None:
    asked: list[str] = []

    def note(name: str) -> AbstractAsyncContextManager[bool]:
        asked.append(name)
        return nullcontext(True)

    for is_exclusive in (False, True):
        work = Work()
        async with runner_of(task_of(work, is_exclusive=is_exclusive), note)[0]:
            await work.has_run(1)
    assert asked == ["receiver task work"]


async def test_a_task_that_is_woken_runs_at_once(clock: LoopClock) -> None:
    work, wake = Work(), asyncio.Event()
    runner, _ = runner_of(task_of(work, wake=wake))
    async with runner:
        for times in (1, 2, 3):
            await work.has_run(times)
            await settle()
            assert work.runs == times
            wake.set()


async def test_a_task_that_is_woken_while_it_runs_runs_once_more(clock: LoopClock) -> None:
    work, wake = Work(), asyncio.Event()
    work.gate.clear()
    runner, _ = runner_of(task_of(work, wake=wake))
    async with runner:
        await work.has_run(1)
        wake.set()
        work.gate.set()
        await work.has_run(2)
        await settle()
        assert work.runs == 2


async def test_a_task_that_fails_is_not_run_as_often_as_it_is_woken(clock: LoopClock) -> None:
    work, wake = Work(RuntimeError()), asyncio.Event()
    runner, _ = runner_of(task_of(work, wake=wake))
    async with runner:
        await work.has_run(1)
        for _ in range(10):
            wake.set()
            await settle()
        assert work.runs == 1
        clock.advance(background.WAKE_AFTER_FAILURE_SECONDS)
        await work.has_run(2)
