"""An answer in pieces: what is held for the call is held until its last piece is sent."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from typing import Protocol

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

# The key of a request's scope that says that nobody reads the pieces: it was HEAD.
IS_HEAD = "receiver.is_head"


class Watch(Protocol):
    """What takes note of how an answer in pieces ended."""

    def streamed(self, items: int, error: BaseException | None, *, is_whole: bool) -> None:
        """Notes the end.

        Args:
            items: that were sent.
            error: what ended it early; `CancelledError`: a stop did.
            is_whole: whether the last piece was sent; else there was an error, or the caller hung
                up.
        """


class StreamedAnswer(Response):
    """An answer in pieces.

    Once it began, an error can only cut it off: the connection closes without the last chunk, so
    that no HTTP client takes it for whole. A caller that hangs up is noticed at the next piece.

    Args:
        pieces: each with the number of its items.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[tuple[bytes, int]],
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(media_type=media_type, headers=headers)
        del self.headers["content-length"]
        self._pieces = pieces
        self._items = 0
        self._is_whole = False
        self._held = AsyncExitStack()
        self._watch: Watch | None = None

    def hold(self, held: AsyncExitStack, watch: Watch) -> None:
        """Takes over what is let go of at the end, once the watch has heard of it."""
        self._held = held
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            fault: BaseException | None = None
            try:
                async with aclosing(self._pieces):
                    await self._send(Request(scope, receive), send)
            # The audit line says how it ended; a stop cancels whatever it has waited for.
            except (Exception, asyncio.CancelledError) as error:
                fault = error
                raise
            finally:
                if self._watch is not None:
                    self._watch.streamed(self._items, fault, is_whole=self._is_whole)

    async def _send(self, request: Request, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        if not request.scope.get(IS_HEAD, False):
            async for piece, items in self._pieces:
                if piece:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                if await request.is_disconnected():
                    return
                self._items += items
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        self._is_whole = True
