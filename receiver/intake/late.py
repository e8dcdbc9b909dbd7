"""The batches that were not stored in their turn, and go on beside those that follow."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from receiver.intake.queue import QueueItem

# Batches that may be late at once. Each holds a connection to Postgres, and one more stuck commit
# would not end sooner than the others.
LATE_LIMIT = 3

# Seconds between two looks for items whose patience is over: each look that finds some writes a
# line of the log, and no sender minds the difference.
EXPIRY_PAUSE_SECONDS = 0.1


class LateBatches:
    """Answers the items of late batches when their patience is over; their commits go on.

    Args:
        left_seconds: returns how long an item waits yet.
        give_up: answers items that are not known to be stored.
        confirm: answers those that are stored by now.
    """

    def __init__(
        self,
        left_seconds: Callable[[QueueItem], float],
        give_up: Callable[[Sequence[QueueItem]], None],
        confirm: Callable[[], None],
    ) -> None:
        self._left_seconds = left_seconds
        self._give_up = give_up
        self._confirm = confirm
        self._storing: set[asyncio.Task[bool]] = set()
        self._expiring: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger(__name__)

    @property
    def are_full(self) -> bool:
        """Whether no further batch may become late."""
        return len(self._storing) >= LATE_LIMIT

    def add(self, batch: Sequence[QueueItem], storing: asyncio.Task[bool]) -> None:
        """Takes over a batch.

        Args:
            batch: its items in the order in which they arrived.
            storing: stores them or answers them, and returns whether all are stored.
        """
        self._storing.add(storing)
        storing.add_done_callback(self._came_back)
        expiring = asyncio.create_task(self._expire(batch, storing), name="expire")
        self._expiring.add(expiring)
        expiring.add_done_callback(self._expiring.discard)

    async def wait(self, limit_seconds: float) -> None:
        """Returns when one of the batches has ended, or after that time."""
        timeout = max(limit_seconds, EXPIRY_PAUSE_SECONDS)
        await asyncio.wait(self._storing, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)

    async def close(self, deadline_seconds: float) -> None:
        """Returns when every item is answered, and the commits have ended or the time is over."""
        if self._expiring:
            await asyncio.wait(self._expiring)
        if self._storing:
            await asyncio.wait(self._storing, timeout=deadline_seconds)

    async def _expire(self, batch: Sequence[QueueItem], storing: asyncio.Task[bool]) -> None:
        first = 0
        while first < len(batch):
            timeout = max(self._left_seconds(batch[first]), EXPIRY_PAUSE_SECONDS)
            done, _ = await asyncio.wait({storing}, timeout=timeout)
            if done:
                return
            end = first
            while end < len(batch) and self._left_seconds(batch[end]) <= 0:
                end += 1
            self._give_up(batch[first:end])
            first = end

    def _came_back(self, storing: asyncio.Task[bool]) -> None:
        self._confirm()
        self._storing.discard(storing)
        is_stored = not storing.cancelled() and storing.exception() is None and storing.result()
        self._log.warning("late batch came back", stored=is_stored)
