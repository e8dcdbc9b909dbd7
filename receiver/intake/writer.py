"""Group commit without a timer; knows neither SQL nor HTTP, only a callable that commits."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Self

import structlog

from receiver.errors import (
    CommitFailed,
    ContentRejected,
    QueueFull,
    ReceiverError,
    Stopping,
)
from receiver.events.event import Arrival
from receiver.intake.late import EXPIRY_PAUSE_SECONDS, LateBatches
from receiver.intake.outage import Outage
from receiver.intake.queue import Queue, QueueItem, size_in_bytes
from receiver.intake.tries import Tries
from receiver.intake.two_ways import Overflow, TwoWays
from receiver.portions import Portions, Rota

# The word of a commit that does not come back, beside those of the tries that failed.
LATE = "late"

TOO_SLOW = "a commit does not end: a table is locked, a standby is away, or the database hangs"


class Writer:
    """Commits whatever queued up while the commit before it was under way.

    An item that meets an idle writer is committed at once. **Every item is answered once its
    patience is over, whatever happens.** Until then it waits: in the queue, or in a batch that is
    tried again as long as the database certainly stores nothing.

    A batch has its turn for one deadline. If it is not stored by then it is late: it goes on beside
    the next one, and still answers its items. While as many are late as may, the queue waits.
    A commit is never cancelled, so a hanging one is late until the store lets go of it.

    Args:
        commit: makes a batch durable, or raises one of the store's errors.
        queue_limit: items that may wait; one more is refused.
        queue_limit_bytes: payload that may wait.
        batch_limit: items in one commit.
        deadline_seconds: how long one batch keeps the others waiting.
        patience_seconds: from the arrival of an item to its answer at the latest; less than the
            deadline counts as the deadline.
        set_queue_length: called with the number of queued items, as `Queue` does.
        count_failure: called with the word of each try that failed: the fault of `CommitRefused`,
            `UNKNOWN` or `LATE`.
        overflow: takes a batch and what commits it, and makes it durable by one of two ways; None:
            there is only the one.
        overflow_after_seconds: how long an item waits for the database where there are two.
        rota: gives answers their turns of the event loop; None: nothing else has any.

    Attributes:
        outage: whether anything can be stored.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Arrival]], Awaitable[None]],
        *,
        queue_limit: int,
        queue_limit_bytes: int,
        batch_limit: int,
        deadline_seconds: float,
        patience_seconds: float = 0.0,
        set_queue_length: Callable[[int], None] = lambda _: None,
        count_failure: Callable[[str], None] = lambda _: None,
        overflow: Overflow | None = None,
        overflow_after_seconds: float = 0.0,
        rota: Rota | None = None,
    ) -> None:
        self._batch_limit = batch_limit
        self._deadline_seconds = deadline_seconds
        self._patience_seconds = max(patience_seconds, deadline_seconds)
        self._count_failure = count_failure
        self.outage = Outage()
        self._tries = Tries(
            commit,
            patience_seconds=self._patience_seconds,
            outage=self.outage,
            count_failure=count_failure,
        )
        self._commit = self._tries.commit
        if overflow is not None:
            two_ways = TwoWays(self._tries, overflow, after_seconds=overflow_after_seconds)
            self._commit = two_ways.commit
        self._queue = Queue(queue_limit, queue_limit_bytes, set_queue_length)
        self._arrived = asyncio.Event()
        self._stored: list[QueueItem] = []
        self._answers = Portions(_answer, rota or Rota())
        self._closing = False
        self._late = LateBatches(self._left_seconds, self._give_up, self._confirm)
        self._log = structlog.get_logger(__name__)
        self._running: asyncio.Task[None] | None = None

    @property
    def queued(self) -> int:
        """Items that wait for a commit to begin."""
        return len(self._queue)

    @property
    def full(self) -> bool:
        """Whether one more item would be refused."""
        return self._queue.full

    def has_room(self, number: int) -> bool:
        """Whether so many more items would be taken in."""
        return self._queue.has_room(number)

    def submit(self, arrival: Arrival) -> asyncio.Future[None]:
        """Takes an arrival in; the caller must await the answer.

        Returns:
            Done once the arrival is durable, or failed with:
            ContentRejected: Postgres cannot hold this arrival.
            Unavailable: not known to be stored: the queue is full, the database is away or slow,
                or the service is closing.
        """
        loop = asyncio.get_running_loop()
        payload = arrival.event.payload
        size_bytes = len(payload) if payload.isascii() else size_in_bytes(payload)
        waiting = QueueItem(arrival, loop.create_future(), loop.time(), size_bytes)
        if self._closing:
            waiting.failed(Stopping("the service is stopping"))
        elif self._queue.full:
            waiting.failed(QueueFull("too many notifications are waiting to be stored"))
        else:
            self._queue.add(waiting)
            self._arrived.set()
        return waiting.answer

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run(), name="writer")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Refuses newcomers, stores the accepted items, and ends."""
        self._closing = True
        self._arrived.set()
        if self._running is not None:
            # Waited for, not awaited: whoever cancels this must not cancel a commit.
            await asyncio.wait({self._running})
        await self._late.close(self._deadline_seconds)
        self._answers.finish()

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                if self._late.are_full:
                    self._confirm()
                    await self._wait_for_late()
                if self._queue:
                    await self._give_turn(self._queue.take_batch(self._batch_limit))
            self._confirm()
            if self._closing:
                return

    async def _give_turn(self, batch: list[QueueItem]) -> None:
        """Returns when the batch is stored or given up, or late."""
        storing = asyncio.create_task(self._store(batch), name="commit")
        # Only now: this commit begins before the answers of the last one are written, so that
        # Postgres works meanwhile.
        self._confirm()
        left_seconds = max(self._left_seconds(batch[0]), EXPIRY_PAUSE_SECONDS)
        turn_seconds = min(left_seconds, self._deadline_seconds)
        done, _ = await asyncio.wait({storing}, timeout=turn_seconds)
        if done:
            return
        if not self._tries.is_pausing(batch):
            # A try is under way.
            self.outage.note_failure(TOO_SLOW, took_seconds=turn_seconds)
            self._count_failure(LATE)
        self._late.add(batch, storing)

    async def _store(self, batch: list[QueueItem]) -> bool:
        """Stores every item of the batch or answers it; returns whether all are stored."""
        try:
            await self._commit(batch)
        except ContentRejected as error:
            if len(batch) == 1:
                batch[0].failed(error)
                return False
            middle = len(batch) // 2
            is_first_stored = await self._store(batch[:middle])
            self._confirm()
            return await self._store(batch[middle:]) and is_first_stored
        except ReceiverError as error:
            self._give_up(batch, str(error))
            return False
        except Exception:  # every item is owed an answer, whatever went wrong
            self._log.exception("batch failed", size=len(batch))
            self._give_up(batch, "an unforeseen error")
            return False
        self._stored += batch
        return True

    def _confirm(self) -> None:
        """Begins to answer the items that are stored and not answered yet."""
        stored, self._stored = self._stored, []
        self._answers.add(stored)

    async def _wait_for_late(self) -> None:
        """Returns when another batch may begin; meanwhile, answers items that waited too long."""
        self._log.warning("queue waits", reason=self.outage.reason)
        while self._queue and self._late.are_full:
            await self._late.wait(self._left_seconds(self._queue.first))
            self._give_up(self._queue.take_while(lambda item: self._left_seconds(item) <= 0))

    def _give_up(self, items: Sequence[QueueItem], reason: str | None = None) -> None:
        """Answers items that are not known to be stored.

        This is the one way to a 503 for what was taken in.

        Args:
            reason: in a sentence; None: their patience is over.
        """
        self._confirm()
        self._answers.finish()
        reason = reason or self.outage.reason or TOO_SLOW
        unanswered = [waiting for waiting in items if not waiting.answer.done()]
        if not unanswered:
            return
        self.outage.note_failure(reason)
        self._log.warning("batch not stored", size=len(unanswered), reason=reason)
        for waiting in unanswered:
            waiting.failed(CommitFailed("the notification could not be stored"))

    def _left_seconds(self, waiting: QueueItem) -> float:
        """Returns how long an item waits yet."""
        return waiting.since + self._patience_seconds - asyncio.get_running_loop().time()


def _answer(stored: Sequence[QueueItem]) -> None:
    for waiting in stored:
        waiting.stored()
