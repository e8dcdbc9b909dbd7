"""A writer over the commit that a test brings."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from receiver.events.event import Arrival
from receiver.intake.two_ways import Overflow
from receiver.intake.writer import Writer
from tests.support.arrivals import arrival

Commit = Callable[[Sequence[Arrival]], Awaitable[None]]


def writer(commit: Commit, overflow: Overflow | None = None, /, **changed: float) -> Writer:
    """Returns a writer with wide limits, but for the changed ones."""
    limits = {
        "queue_limit": 1000,
        "queue_limit_bytes": 1_000_000,
        "batch_limit": 100,
        "deadline_seconds": 30,
        "patience_seconds": 0,
        **changed,
    }
    return Writer(
        commit,
        queue_limit=int(limits["queue_limit"]),
        queue_limit_bytes=int(limits["queue_limit_bytes"]),
        batch_limit=int(limits["batch_limit"]),
        deadline_seconds=limits["deadline_seconds"],
        patience_seconds=limits["patience_seconds"],
        overflow=overflow,
        overflow_after_seconds=limits["deadline_seconds"],
    )


async def submit_all(target: Writer, count: int) -> list[object]:
    """Returns the answers to arrivals of the numbers below `count`; None: durable."""
    tasks = [target.submit(arrival(number)) for number in range(count)]
    return list(await asyncio.gather(*tasks, return_exceptions=True))
