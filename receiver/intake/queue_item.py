"""An item of the writer's queue, and the bytes that its payload takes meanwhile."""

import asyncio
import sys
from collections import deque
from dataclasses import dataclass

from receiver.errors import ReceiverError
from receiver.events.event import Arrival

# Payload in one batch, in bytes: a batch of large notifications must not take as long as a
# deadline, and Postgres unpacks it from one text.
BATCH_LIMIT_BYTES = 4 * 1024 * 1024


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


def take_batch(queue: deque[QueueItem], limit: int) -> tuple[list[QueueItem], int]:
    """Takes the next items from a queue; returns them, and the bytes of their payloads.

    Args:
        limit: items of the batch.
    """
    batch: list[QueueItem] = []
    batch_bytes = 0
    while queue and len(batch) < limit and batch_bytes < BATCH_LIMIT_BYTES:
        waiting = queue.popleft()
        batch.append(waiting)
        batch_bytes += waiting.size_bytes
    return batch, batch_bytes
