"""An item of the writer's queue, and the bytes that its payload takes meanwhile."""

import asyncio
import sys
from dataclasses import dataclass

from receiver.errors import ReceiverError
from receiver.events.event import Arrival


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
