"""One runner for all background work: repeats, logs, counts, restarts, and tells readiness.

A task waits (for the end of its interval, of its pause after a failure, or for its `wake`), or it
runs. Each has one asyncio task, which the runner owns from its start to its close.

| what happens | what the runner does |
|---|---|
| `run_once` raises | logs and counts it, runs it again after `retry_seconds` |
| another process runs an exclusive task | runs it again after `retry_seconds`; no failure |
| the lock of an exclusive task cannot be asked for | the same as when `run_once` raises |
| the loop around a task ends | logs and counts it, starts the loop again after `retry_seconds` |
| a required task does not succeed for three intervals | `overdue` says so |
| a task does not end at the close | logs its name and leaves it |
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

import structlog

from receiver.errors import ReceiverError
from receiver.metrics.metrics import Metrics

# Intervals without a success after which a task is overdue: one failure is no fault yet, and at
# the second one the first retry may still be under way.
OVERDUE_INTERVALS = 3

# Seconds from a failure to the next run, however often the task is woken: a task that always
# fails must not fail, and log, as often as notifications arrive.
WAKE_AFTER_FAILURE_SECONDS = 1.0

# Seconds in which all tasks end at the close; psycopg takes up to five to cancel a statement.
CLOSE_SECONDS = 10.0

Exclusivity = Callable[[str], AbstractAsyncContextManager[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicTask:
    """Work that is done again and again, for as long as the process serves.

    Attributes:
        name: the value of the label `task` in metrics, unique.
        run_once: does the work once; may raise anything.
        every_seconds: from the end of a run that succeeded to the next run.
        retry_seconds: from the end of a run that failed, or was skipped, to the next run.
        rest_seconds: from the end of a run that succeeded to the next run at the earliest.
        rest_factor: the same, in times that the run took.
        is_due_at_start: the first run is at the start, not after the first interval.
        is_required: the process is not ready when the task has not succeeded for three intervals.
        is_exclusive: only one of all processes on one database runs it at a time.
        wake: runs the task at once when set; the runner clears it.
    """

    name: str
    run_once: Callable[[], Awaitable[object]]
    every_seconds: float
    retry_seconds: float
    rest_seconds: float = 0.0
    rest_factor: float = 0.0
    is_due_at_start: bool = True
    is_required: bool = False
    is_exclusive: bool = False
    wake: asyncio.Event | None = None


class BackgroundRunner:
    """Runs periodic tasks from its start to its close, as an async context manager.

    Args:
        exclusivity: takes a name; enters with whether this process holds it, and may raise.
        clock: aware UTC.
    """

    def __init__(
        self,
        tasks: Sequence[PeriodicTask],
        metrics: Metrics,
        *,
        exclusivity: Exclusivity,
        clock: Callable[[], datetime],
    ) -> None:
        self._tasks = tasks
        self._metrics = metrics
        self._exclusivity = exclusivity
        self._clock = clock
        self._is_closing = False
        self._running: dict[str, asyncio.Task[None]] = {}
        # By name, on the loop's clock: the last run that succeeded or was skipped, or the start.
        self._healthy_at: dict[str, float] = {}
        self._log = structlog.get_logger(__name__)

    async def __aenter__(self) -> Self:
        self._is_closing = False
        for task in self._tasks:
            self._healthy_at[task.name] = asyncio.get_running_loop().time()
            self._metrics.add_task(task.name, self._clock())
            self._start(task, 0.0 if task.is_due_at_start else task.every_seconds)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_closing = True
        for running in self._running.values():
            running.cancel()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=CLOSE_SECONDS)
        for task in self._tasks:
            running = self._running.pop(task.name)
            if not running.done():
                self._log.error("background task did not end", task=task.name)
            elif not running.cancelled() and (error := running.exception()) is not None:
                self._note_failure(task, error)

    def overdue(self) -> list[str]:
        """Returns a sentence for each required task that has not succeeded for three intervals."""
        now = asyncio.get_running_loop().time()
        sentences = []
        for task in self._tasks:
            seconds = now - self._healthy_at.get(task.name, now)
            # The longer of both, so that one failure with a long pause behind it is not enough.
            interval_seconds = max(task.every_seconds, task.retry_seconds)
            if task.is_required and seconds > OVERDUE_INTERVALS * interval_seconds:
                sentences.append(
                    f"the background task {task.name} has not succeeded for {seconds:.0f} seconds"
                )
        return sentences

    def _start(self, task: PeriodicTask, pause_seconds: float) -> None:
        running = asyncio.create_task(self._repeat(task, pause_seconds), name=task.name)
        self._running[task.name] = running
        running.add_done_callback(partial(self._restart, task))

    def _restart(self, task: PeriodicTask, ended: asyncio.Task[None]) -> None:
        """Starts a loop that ended, before it says so: a fault in saying so ends nothing."""
        if self._is_closing:
            return
        self._start(task, task.retry_seconds)
        self._note_failure(task, None if ended.cancelled() else ended.exception())

    async def _repeat(self, task: PeriodicTask, pause_seconds: float) -> None:
        await _pause(task, pause_seconds)
        while True:
            began_at = asyncio.get_running_loop().time()
            try:
                has_run = await self._run(task)
            except Exception as error:  # whatever it is, the next run is owed all the same
                self._note_failure(task, error)
                has_run = False
            # The run was cancelled, and returned or raised something else.
            if self._is_closing:
                return
            if has_run:
                took_seconds = asyncio.get_running_loop().time() - began_at
                rest_seconds = max(task.rest_seconds, task.rest_factor * took_seconds)
                await _pause(task, task.every_seconds, rest_seconds)
            else:
                await _pause(task, task.retry_seconds, WAKE_AFTER_FAILURE_SECONDS)

    async def _run(self, task: PeriodicTask) -> bool:
        """Returns whether it ran; False: another process runs it."""
        exclusivity = (
            self._exclusivity(f"receiver task {task.name}")
            if task.is_exclusive
            else nullcontext(True)
        )
        async with exclusivity as may_run:
            if may_run:
                await task.run_once()
        self._healthy_at[task.name] = asyncio.get_running_loop().time()
        if may_run:
            self._metrics.note_task_success(task.name, self._clock())
        return may_run

    def _note_failure(self, task: PeriodicTask, error: BaseException | None) -> None:
        """Logs and counts; of an unforeseen error without its text, which may hold content.

        Args:
            error: None: the loop around the task was cancelled, and not by the runner.
        """
        self._metrics.count_task_failure(task.name)
        if isinstance(error, ReceiverError):
            self._log.warning(
                "background task failed", task=task.name, error=error.word, reason=str(error)
            )
        else:
            self._log.error(
                "background task failed",
                task=task.name,
                error="CancelledError" if error is None else type(error).__name__,
                frames="" if error is None else "".join(traceback.format_tb(error.__traceback__)),
            )


async def _pause(task: PeriodicTask, seconds: float, wake_after_seconds: float = 0.0) -> None:
    """Returns after that time, or when the task is woken, but then not before the other time."""
    if task.wake is None:
        await asyncio.sleep(seconds)
        return
    due_at = asyncio.get_running_loop().time() + seconds
    await asyncio.sleep(min(wake_after_seconds, seconds))
    with suppress(TimeoutError):
        async with asyncio.timeout_at(due_at):
            await task.wake.wait()
    task.wake.clear()
