"""Work of a background task that a test lets fail and waits for, and a runner for it."""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime

from receiver.app.background import BackgroundRunner, Exclusivity, PeriodicTask
from receiver.metrics.metrics import Metrics, Reading
from tests.support.exposition import value

BEGAN_AT = datetime(2026, 4, 17, tzinfo=UTC)
EVERY_SECONDS = 60
RETRY_SECONDS = 10


class Work:
    """Counts its runs; raises `error` if there is one, after `gate` if that is closed.

    Attributes:
        gate: set: a run ends at once.
    """

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.gate = asyncio.Event()
        self.gate.set()
        self.runs = 0
        self._begun = asyncio.Condition()

    async def run_once(self) -> None:
        async with self._begun:
            self.runs += 1
            self._begun.notify_all()
        await self.gate.wait()
        if self.error is not None:
            raise self.error

    async def has_run(self, times: int) -> None:
        """Returns when so many runs began, and those before the last one are noted."""
        async with asyncio.timeout(20), self._begun:
            await self._begun.wait_for(lambda: self.runs >= times)


async def settle() -> None:
    """Returns when everything that can go on without waiting has gone on."""
    for _ in range(20):
        await asyncio.sleep(0)


def held(_: str) -> AbstractAsyncContextManager[bool]:
    return nullcontext(True)


def task_of(
    work: Work,
    *,
    is_due_at_start: bool = True,
    is_required: bool = False,
    is_exclusive: bool = False,
    wake: asyncio.Event | None = None,
) -> PeriodicTask:
    return PeriodicTask(
        name="work",
        run_once=work.run_once,
        every_seconds=EVERY_SECONDS,
        retry_seconds=RETRY_SECONDS,
        is_due_at_start=is_due_at_start,
        is_required=is_required,
        is_exclusive=is_exclusive,
        wake=wake,
    )


class Times:
    """Each time it is asked, it is a second later."""

    def __init__(self) -> None:
        self._asked = -1

    def __call__(self) -> datetime:
        self._asked += 1
        return BEGAN_AT.replace(second=self._asked)


def runner_of(
    task: PeriodicTask, exclusivity: Exclusivity = held
) -> tuple[BackgroundRunner, Metrics]:
    metrics = Metrics(queue_limit_notifications=1)
    return BackgroundRunner([task], metrics, exclusivity=exclusivity, clock=Times()), metrics


def failures(metrics: Metrics) -> float | None:
    text = metrics.exposition(Reading()).decode()
    return value(text, "receiver_task_failures_total", {"task": "work"})


def seconds_to_last_success(metrics: Metrics) -> float:
    text = metrics.exposition(Reading()).decode()
    at = value(text, "receiver_task_last_success_timestamp_seconds", {"task": "work"})
    assert at is not None
    return at - BEGAN_AT.timestamp()
