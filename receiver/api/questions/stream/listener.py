"""One who listens: a bounded queue between the feed and a connection."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import NamedTuple

from receiver.store.events.selection import Selection

# What waits for a caller that reads slowly. An event takes about 600 bytes; the bytes are shared by
# all who listen to the same.
QUEUE_BYTES = 1_048_576

# Of chunks that are sent in one piece, where several wait; one chunk may be larger. To send once
# takes 20 microseconds of the event loop, the system call included, and to join so much no longer.
SEND_BYTES = 65_536


class Chunk(NamedTuple):
    """Blocks that are sent together, and how many events they are."""

    blocks: bytes
    events: int


class Listener:
    """What one stream still has to be sent.

    Args:
        selection: the events that it gets.
        limit_bytes: of the queue; one chunk may be larger.

    Attributes:
        end_reason: why it has ended; None: it has not.
        is_live: it gets what the feed brings at once.
    """

    def __init__(self, selection: Selection, limit_bytes: int = QUEUE_BYTES) -> None:
        self.selection = selection
        self.end_reason: str | None = None
        self._limit_bytes = limit_bytes
        self._bytes = 0
        # Each with what it counts against the limit: a page is read once there is room.
        self._queue: deque[tuple[Chunk, int]] = deque()
        self._held: deque[tuple[Chunk, int]] | None = None
        self.is_live = False
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    @property
    def has_all(self) -> bool:
        """Whether all that the feed has brought is sent."""
        return self.is_live and not self._queue

    def put(self, chunk: Chunk) -> None:
        """Takes what the feed brings; where there is too much, the stream ends."""
        if self.end_reason is not None:
            return
        size = len(chunk.blocks)
        if self._bytes and self._bytes + size > self._limit_bytes:
            self.end("lagged")
            return
        self._bytes += size
        if self._held is None:
            self._queue.append((chunk, size))
            self._news.set()
        else:
            self._held.append((chunk, size))

    async def put_page(self, chunk: Chunk) -> bool:
        """Takes what the store brings, once all before it is taken.

        Returns:
            Whether the stream goes on.
        """
        while self._queue and self.end_reason is None:
            self._room.clear()
            await self._room.wait()
        if self.end_reason is not None:
            return False
        self._queue.append((chunk, 0))
        self._news.set()
        return True

    def hold(self) -> None:
        """Keeps back what the feed brings, until pages have brought what was stored before."""
        self._held = deque()

    def drop_held(self) -> None:
        """Forgets what the feed has brought; pages will bring it."""
        self._bytes -= sum(size for _, size in self._held or ())
        self._held = None

    def go_live(self) -> None:
        """Lets through what the feed brings, and has brought."""
        if self._held is not None:
            self._queue.extend(self._held)
            self._held = None
        self.is_live = True
        self._news.set()

    def end(self, reason: str) -> None:
        """Ends the stream; what waits is not sent any more. A second reason changes nothing."""
        if self.end_reason is None:
            self.end_reason = reason
            self._queue.clear()
            self._held = None
            self._news.set()
            self._room.set()

    def take(self) -> Chunk | None:
        """Returns what is to be sent next, in one piece; None: nothing is."""
        if not self._queue:
            return None
        parts: list[Chunk] = []
        size = 0
        while self._queue and (not parts or size + len(self._queue[0][0].blocks) <= SEND_BYTES):
            chunk, counted = self._queue.popleft()
            self._bytes -= counted
            size += len(chunk.blocks)
            parts.append(chunk)
        if not self._queue:
            self._room.set()
        if len(parts) == 1:
            return parts[0]
        return Chunk(b"".join([part.blocks for part in parts]), sum(part.events for part in parts))

    async def wait(self, seconds: float) -> None:
        """Returns when there may be something to send, or after that time."""
        if self._queue or self.end_reason is not None:
            return
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
