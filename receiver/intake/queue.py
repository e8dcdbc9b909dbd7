"""The queue of the writer: what waits for its commit, bounded in number and in bytes."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from receiver.errors import ReceiverError
from receiver.events.event import Arrival

# Payload in one batch, in bytes: a batch of large notifications must not take as long as a
# deadline, and Postgres unpacks it from one text.
BATCH_LIMIT_BYTES = 4 * 1024 * 1024

# Items between two reports of a growing queue: a report costs about as much as queueing an item.
REPORT_EVERY = 64


@dataclass(slots=True, eq=False)
class QueueItem:
    """An arrival, the answer that its caller waits for, and the loop's time of its arrival.

    Attributes:
        size_bytes: of the payload.
    """

    arrival: Arrival
    answer: asyncio.Future[None]
    since: float
    size_bytes: int

    def stored(self) -> None:
        if not self.answer.done():
            self.answer.set_result(None)

    def failed(self, error: ReceiverError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


def size_in_bytes(payload: str) -> int:
    """Returns how many bytes a text takes: as UTF-8 or in memory, whichever is more.

    One emoji makes Python keep four bytes for every character of its text. For ASCII text `len` is
    as good, and free.
    """
    return max(len(payload.encode("utf-8", "surrogatepass")), sys.getsizeof(payload))


class Queue:
    """Items that wait for a commit to begin, bounded in number and in bytes.

    Args:
        limit: items that may wait.
        limit_bytes: payload that may wait.
        set_length: called with the number of items whenever some leave, and at every
            `REPORT_EVERY`th while they pile up.
    """

    def __init__(self, limit: int, limit_bytes: int, set_length: Callable[[int], None]) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._set_length = set_length
        self._items: deque[QueueItem] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def first(self) -> QueueItem:
        """The item that has waited longest."""
        return self._items[0]

    @property
    def full(self) -> bool:
        """Whether one more item is too many."""
        return len(self._items) >= self._limit or self._bytes >= self._limit_bytes

    def has_room(self, number: int) -> bool:
        """Whether so many more items fit.

        A number that never fits is taken in as far as it fits, so here it counts as one.
        """
        fits_at_all = number <= self._limit
        return not self.full and (not fits_at_all or len(self._items) + number <= self._limit)

    def add(self, item: QueueItem) -> None:
        self._items.append(item)
        self._bytes += item.size_bytes
        if len(self._items) % REPORT_EVERY == 0:
            self._set_length(len(self._items))

    def take_batch(self, limit: int) -> list[QueueItem]:
        """Takes the items of the next commit, so many at most."""
        batch: list[QueueItem] = []
        batch_bytes = 0
        while self._items and len(batch) < limit and batch_bytes < BATCH_LIMIT_BYTES:
            item = self._items.popleft()
            batch.append(item)
            batch_bytes += item.size_bytes
        self._took(batch)
        return batch

    def take_while(self, is_over: Callable[[QueueItem], bool]) -> list[QueueItem]:
        """Takes the items up to the first of which that is not true."""
        taken: list[QueueItem] = []
        while self._items and is_over(self._items[0]):
            taken.append(self._items.popleft())
        self._took(taken)
        return taken

    def _took(self, items: Sequence[QueueItem]) -> None:
        self._bytes -= sum(item.size_bytes for item in items)
        self._set_length(len(self._items))
