"""The close of the runner of background work: in bounded time, and never in silence."""

import asyncio

import pytest
from structlog.testing import capture_logs

from receiver.app import background
from receiver.app.background import PeriodicTask
from tests.support.loop_clock import LoopClock
from tests.support.work import EVERY_SECONDS, Work, failures, runner_of, settle, task_of

SENT_NUMBER = "+99999991000"


async def test_a_runner_that_is_closed_runs_nothing_more(clock: LoopClock) -> None:
    work = Work()
    work.gate.clear()
    runner, metrics = runner_of(task_of(work))
    before = asyncio.all_tasks()
    with capture_logs() as logs:
        async with runner:
            await work.has_run(1)
        assert asyncio.all_tasks() == before
    clock.advance(EVERY_SECONDS)
    await settle()
    assert (work.runs, failures(metrics), logs) == (1, 0, [])


async def test_a_task_that_does_not_end_is_named_and_left_at_the_close(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "CLOSE_SECONDS", 0.01)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def run_once() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await may_end.wait()
            raise

    task = PeriodicTask(name="work", run_once=run_once, every_seconds=1, retry_seconds=1)
    with capture_logs() as logs:
        async with runner_of(task)[0]:
            await begun.wait()
    assert [(line["event"], line["task"]) for line in logs] == [
        ("background task did not end", "work")
    ]
    may_end.set()
    await settle()


async def test_an_error_while_a_task_is_ended_is_logged() -> None:
    begun = asyncio.Event()

    async def run_once() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise SystemError(SENT_NUMBER)

    task = PeriodicTask(name="work", run_once=run_once, every_seconds=1, retry_seconds=1)
    with capture_logs() as logs:
        async with runner_of(task)[0]:
            await begun.wait()
    assert [line["error"] for line in logs] == ["SystemError"]
