"""The answer that goes on: blocks as they come, heartbeats, and looks at the token."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from random import uniform
from typing import Protocol

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from receiver.api.answers.streamed import IS_HEAD
from receiver.api.questions.stream.blocks import (
    GONE,
    write_begin,
    write_end,
    write_heartbeat,
    write_place,
)
from receiver.api.questions.stream.listener import Listener

# Shorter than proxies wait for a byte, of which 60 seconds are usual (WHATWG recommends this).
HEARTBEAT_SECONDS = 15.0

# Between two looks at the token, whose credential is read again every few seconds.
CHECK_SECONDS = 1.0

# When a caller comes back; those that are ended together do not all come together.
RETRY_SECONDS = (1.0, 3.0)

# For proxies: nothing is kept back, and nothing remembered.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Noting(Protocol):
    """What counts streams; see `receiver.metrics.streams.StreamMetrics`."""

    def note_open(self, number: int, /) -> None:
        """Adds to the open streams."""

    def count_sent(self, events: int, /) -> None:
        """Counts events that were sent."""

    def count_end(self, reason: str, /) -> None:
        """Counts a stream that has ended."""


class StreamResponse(StreamingResponse):
    """Sends what a listener gets until it ends.

    FastAPI's own server-sent events would write each event once for each caller.

    Args:
        find_place: returns the place that is reached by whoever has all.
        is_admitted: tells whether the token is still valid.
        close: called once at the end, with the reason and the events that were sent.
        catching_up: what brings the listener to the feed; None: it is live.
        items: as of a page, for the audit line of the question.
    """

    media_type = "text/event-stream"
    items = 0

    def __init__(
        self,
        listener: Listener,
        *,
        find_place: Callable[[], datetime | None],
        is_admitted: Callable[[], Awaitable[bool]],
        noting: Noting,
        close: Callable[[str, int], None],
        catching_up: Awaitable[None] | None = None,
    ) -> None:
        super().__init__(self._blocks(), headers=HEADERS)
        self._listener = listener
        self._find_place = find_place
        self._is_admitted = is_admitted
        self._noting = noting
        self._close = close
        self._catching_up = catching_up
        self._sent = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers until the listener has ended, or the caller is gone."""
        self._noting.note_open(1)
        tasks = [asyncio.create_task(self._watch(receive), name="stream caller")]
        if self._catching_up is not None:
            resuming = asyncio.ensure_future(self._catching_up)
            tasks.append(resuming)
        if scope.get(IS_HEAD):
            self._listener.end(GONE)
        try:
            await self.stream_response(send)
        finally:
            self._listener.end(GONE)
            self._noting.note_open(-1)
            reason = self._listener.end_reason or GONE
            self._noting.count_end(reason)
            self._close(reason, self._sent)
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._listener.end(GONE)

    async def _blocks(self) -> AsyncIterator[bytes]:
        listener, clock = self._listener, asyncio.get_running_loop().time
        yield write_begin(uniform(*RETRY_SECONDS))  # noqa: S311 - no secret
        if listener.has_all and (place := self._find_place()) is not None:
            yield write_place(place)
        told_at = checked_at = clock()
        while True:
            if clock() - checked_at >= CHECK_SECONDS:
                if not await self._is_admitted():
                    listener.end("unauthenticated")
                checked_at = clock()
            chunk = listener.take()
            if chunk is not None:
                yield chunk.blocks
                self._sent += chunk.events
                self._noting.count_sent(chunk.events)
                told_at = clock()
            elif listener.end_reason is not None:
                break
            elif clock() - told_at >= HEARTBEAT_SECONDS:
                yield write_heartbeat(self._find_place() if listener.has_all else None)
                told_at = clock()
            else:
                await listener.wait(CHECK_SECONDS)
        if listener.end_reason != GONE:
            yield write_end(listener.end_reason)
