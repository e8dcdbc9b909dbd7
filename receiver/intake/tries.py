"""The tries of a batch: again where that is safe, for as long as somebody waits for its answer.

    a try                                    what follows
    ---------------------------------------  ---------------------------------------------------
    stored the batch                         nothing
    certainly stored nothing, for a reason   the same batch again, ten tries a second over all
    that may pass (`CommitRefused`)          batches, until the patience of its latest item is over
    may have stored it (`CommitUnknown`)     the same batch again at once, thrice at most in all
    failed in another way                    the error is raised

The batch stays the same: by its arrival ids it counts once, whichever of its tries has stored it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from receiver.errors import CommitRefused, CommitUnknown
from receiver.events.event import Arrival
from receiver.intake.outage import Outage
from receiver.intake.queue import QueueItem

# Tries of one batch that may have stored it, the first included. A lost connection is rare; a third
# one in a row is no accident.
TRIES = 3

# Seconds between two tries while nothing can be stored, whichever batches they are of: far below
# the second or two that a restart of Postgres takes, and ten connections a second are no load for
# a server that starts.
PAUSE_SECONDS = 0.1

# The word of a try that may have stored its batch, beside those of `CommitRefused`.
UNKNOWN = "unknown"


class Tries:
    """Commits batches, each with as many tries as are safe and awaited.

    Args:
        commit: makes a batch durable, or raises one of the store's errors.
        patience_seconds: how long an item waits.
        outage: is told of each try.
        count_failure: is called with the word of each try that failed.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Arrival]], Awaitable[None]],
        *,
        patience_seconds: float,
        outage: Outage,
        count_failure: Callable[[str], None],
    ) -> None:
        self._commit = commit
        self._patience_seconds = patience_seconds
        self._outage = outage
        self._count_failure = count_failure
        self._next_try_at = 0.0
        self._pausing: set[int] = set()
        self._log = structlog.get_logger(__name__)

    async def commit(self, batch: Sequence[QueueItem]) -> None:
        """Returns once the batch is durable.

        Raises:
            CommitRefused: nothing of it is stored, and nobody waits any more.
            CommitUnknown: it may be stored.
            ReceiverError: as the commit raises it.
        """
        arrivals = [waiting.arrival for waiting in batch]
        tries_left, is_waiting = TRIES, False
        if self._outage.reason is not None:
            await self._pause(batch)
        while True:
            try:
                await self._commit(arrivals)
            except CommitUnknown as error:
                self._note(error, UNKNOWN)
                tries_left -= 1
                if not tries_left or not self._is_awaited(batch):
                    raise
            except CommitRefused as error:
                self._note(error, error.fault)
                if not is_waiting:
                    self._log.warning("batch waits", size=len(batch), reason=str(error))
                is_waiting = True
                await self._pause(batch)
                if not self._is_awaited(batch):
                    raise
            else:
                self._outage.end()
                return

    def _note(self, error: Exception, word: str) -> None:
        self._outage.note_failure(str(error))
        self._count_failure(word)

    def _is_awaited(self, batch: Sequence[QueueItem]) -> bool:
        """Whether the patience of the latest item lasts; a sender that hung up changes nothing."""
        now = asyncio.get_running_loop().time()
        return now < batch[-1].since + self._patience_seconds

    def is_pausing(self, batch: Sequence[QueueItem]) -> bool:
        """Whether a batch waits for its next try, and not for the end of one."""
        return id(batch) in self._pausing

    async def _pause(self, batch: Sequence[QueueItem]) -> None:
        """Returns when the next try may begin."""
        now = asyncio.get_running_loop().time()
        self._next_try_at = max(now, self._next_try_at) + PAUSE_SECONDS
        self._pausing.add(id(batch))
        try:
            await asyncio.sleep(self._next_try_at - now)
        finally:
            self._pausing.discard(id(batch))
