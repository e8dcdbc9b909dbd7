"""Group commit without a timer; knows neither SQL nor HTTP, only a callable that commits."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Self

import structlog

from receiver.errors import (
    CommitConflict,
    CommitFailed,
    CommitNotBegun,
    CommitUnknown,
    ContentRejected,
    QueueFull,
    ReceiverError,
    Stopping,
    Unavailable,
)
from receiver.events.event import Arrival
from receiver.intake.queue_item import QueueItem, size_in_bytes

# Tries of one batch, the first included. A conflict or a lost connection is rare; a third failure
# in a row is no accident.
TRIES = 3

# Seconds between two tries to reach a database that is away: far below the second or two that a
# restart of Postgres takes, and ten connections a second are no load for one that starts.
AWAY_PAUSE_SECONDS = 0.1

# Commits that may be overdue at once. Each holds a connection to Postgres, and one more stuck
# commit would not end sooner than the others.
OVERDUE_LIMIT = 3

# Deadlines from the arrival to its answer at the latest: one for its own commit, and half of one
# for its turn. A sender that waits longer usually has hung up.
PATIENCE_DEADLINES = 1.5

# Items between two reports of a growing queue: a report costs about as much as queueing an item.
REPORT_EVERY = 64

# Payload in one batch, in bytes: a batch of large notifications must not take as long as a
# deadline, and Postgres unpacks it from one text.
BATCH_LIMIT_BYTES = 4 * 1024 * 1024


class Writer:
    """Commits whatever queued up while the commit before it was under way.

    An item that meets an idle writer is committed at once. A commit is never cancelled: past the
    deadline its items are answered `Unavailable` and it goes on alone. A commit that cannot begin,
    because the database is away, is tried again until the deadline.

    Args:
        commit: makes a batch durable, or raises one of the store's errors.
        queue_limit: items that may wait; one more is refused.
        queue_limit_bytes: payload that may wait.
        batch_limit: items in one commit.
        deadline_seconds: how long the items of one commit wait for it, including further tries and
            the return of a database that is away; waiting for its turn too, an item has its answer
            after one and a half of them.
        set_queue_length: called with the number of queued items at each commit, and at every
            `REPORT_EVERY`th item while they pile up.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Arrival]], Awaitable[None]],
        *,
        queue_limit: int,
        queue_limit_bytes: int,
        batch_limit: int,
        deadline_seconds: float,
        set_queue_length: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._commit = commit
        self._queue_limit = queue_limit
        self._queue_limit_bytes = queue_limit_bytes
        self._batch_limit = batch_limit
        self._deadline_seconds = deadline_seconds
        self._set_queue_length = set_queue_length
        self._queue: deque[QueueItem] = deque()
        self._queued_bytes = 0
        self._arrived = asyncio.Event()
        self._closing = False
        self._overdue: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger(__name__)
        self._running: asyncio.Task[None] | None = None

    @property
    def queued(self) -> int:
        """Items that wait for a commit to begin."""
        return len(self._queue)

    @property
    def full(self) -> bool:
        """Whether one more item would be refused."""
        return (
            len(self._queue) >= self._queue_limit or self._queued_bytes >= self._queue_limit_bytes
        )

    def has_room(self, number: int) -> bool:
        """Whether so many more items would be taken in.

        A number that never fits is taken in as far as it fits, so here it counts as one.
        """
        fits_at_all = number <= self._queue_limit
        return not self.full and (not fits_at_all or len(self._queue) + number <= self._queue_limit)

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
        elif self.full:
            waiting.failed(QueueFull("too many notifications are waiting to be stored"))
        else:
            self._queue.append(waiting)
            self._queued_bytes += size_bytes
            if len(self._queue) % REPORT_EVERY == 0:
                self._set_queue_length(len(self._queue))
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
        if self._overdue:
            await asyncio.wait(self._overdue, timeout=self._deadline_seconds)

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                await self._store(self._next_batch())
            if self._closing:
                return

    def _next_batch(self) -> list[QueueItem]:
        batch: list[QueueItem] = []
        batch_bytes = 0
        while self._queue and len(batch) < self._batch_limit and batch_bytes < BATCH_LIMIT_BYTES:
            waiting = self._queue.popleft()
            batch.append(waiting)
            batch_bytes += waiting.size_bytes
        self._queued_bytes -= batch_bytes
        self._set_queue_length(len(self._queue))
        return batch

    async def _store(self, batch: list[QueueItem]) -> None:
        """Answers every item of the batch exactly once."""
        try:
            arrivals = [waiting.arrival for waiting in batch]
            await self._commit_by_deadline(arrivals, oldest_since=batch[0].since)
        except ContentRejected as error:
            if len(batch) == 1:
                batch[0].failed(error)
                return
            middle = len(batch) // 2
            await self._store(batch[:middle])
            await self._store(batch[middle:])
        except ReceiverError as error:
            self._log.warning("batch not stored", size=len(batch), reason=str(error))
            for waiting in batch:
                waiting.failed(CommitFailed("the notification could not be stored"))
        except Exception:  # every item is owed an answer, whatever went wrong
            self._log.exception("batch not stored", size=len(batch))
            for waiting in batch:
                waiting.failed(CommitFailed("the notification could not be stored"))
        else:
            for waiting in batch:
                waiting.stored()

    async def _commit_by_deadline(self, batch: list[Arrival], oldest_since: float) -> None:
        if len(self._overdue) >= OVERDUE_LIMIT:
            raise Unavailable("earlier commits have not come back")
        waited_seconds = asyncio.get_running_loop().time() - oldest_since
        left_seconds = PATIENCE_DEADLINES * self._deadline_seconds - waited_seconds
        if left_seconds <= 0:
            raise Unavailable("the commits before it took too long")
        patience_seconds = min(left_seconds, self._deadline_seconds)
        task = asyncio.create_task(self._commit_with_tries(batch, patience_seconds), name="commit")
        done, _ = await asyncio.wait({task}, timeout=patience_seconds)
        if done:
            return task.result()
        self._overdue.add(task)
        task.add_done_callback(self._came_back)
        raise Unavailable("the commit took too long")

    async def _commit_with_tries(self, batch: list[Arrival], patience_seconds: float) -> None:
        """Tries the very same batch again where that is safe: it counts once by its arrival ids."""
        time = asyncio.get_running_loop().time
        ends_at = time() + patience_seconds
        tries_left, is_waiting = TRIES, False
        while True:
            try:
                return await self._commit(batch)
            except (CommitConflict, CommitUnknown):
                tries_left -= 1
                # Past the deadline its items are answered; another try would keep its place.
                if not tries_left or time() >= ends_at:
                    raise
            except CommitNotBegun as error:
                if time() >= ends_at - AWAY_PAUSE_SECONDS:
                    raise
                if not is_waiting:
                    self._log.warning("batch waits", size=len(batch), reason=str(error))
                is_waiting = True
                await asyncio.sleep(AWAY_PAUSE_SECONDS)

    def _came_back(self, task: asyncio.Task[None]) -> None:
        self._overdue.discard(task)
        error = None if task.cancelled() else task.exception()
        self._log.warning("overdue commit came back", stored=error is None)
