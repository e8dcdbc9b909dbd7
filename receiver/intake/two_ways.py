"""Two ways to make a batch durable: the database, and what takes it while the database does not."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from receiver.errors import CommitUnknown
from receiver.events.event import Arrival
from receiver.intake.queue import QueueItem
from receiver.intake.tries import Tries

# Takes a batch, and what commits it.
Overflow = Callable[[Sequence[Arrival], Callable[[], Awaitable[None]]], Awaitable[None]]

# A batch whose first item has waited for long in the queue has its chance all the same.
LEAST_SECONDS = 0.1


class TwoWays:
    """Commits batches, and leaves those to the overflow that are not stored in time.

    A commit under way is not cancelled; what both ways make durable counts once.

    Args:
        after_seconds: how long an item waits for the database.
    """

    def __init__(self, tries: Tries, overflow: Overflow, *, after_seconds: float) -> None:
        self._tries = tries
        self._overflow = overflow
        self._after_seconds = after_seconds
        self._left: set[asyncio.Task[None]] = set()

    async def commit(self, batch: Sequence[QueueItem]) -> None:
        """Returns once the batch is durable.

        Raises:
            ReceiverError: as `Tries.commit`; the overflow did not take it either.
        """
        arrivals = [waiting.arrival for waiting in batch]
        await self._overflow(arrivals, partial(self._commit_in_time, batch))

    async def _commit_in_time(self, batch: Sequence[QueueItem]) -> None:
        waited_seconds = asyncio.get_running_loop().time() - batch[0].since
        trying = asyncio.create_task(self._tries.commit(batch), name="try")
        timeout = max(self._after_seconds - waited_seconds, LEAST_SECONDS)
        done, _ = await asyncio.wait({trying}, timeout=timeout)
        if done:
            return trying.result()
        if self._tries.is_pausing(batch):
            trying.cancel()
        self._left.add(trying)
        trying.add_done_callback(self._forget)
        raise CommitUnknown("the database did not store it in time")

    def _forget(self, trying: asyncio.Task[None]) -> None:
        self._left.discard(trying)
        if not trying.cancelled():
            # Read, so that one whose batch is elsewhere is no error that nobody saw.
            trying.exception()
