"""Sends calls on an event loop of asyncio: what the methods of `AsyncClient` are made of."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from receiver.client.answers.events import EventWithPayload, StreamedEvent
from receiver.client.attempts import (
    BaseClient,
    Options,
    find_pause,
    http_options,
    make_answer,
)
from receiver.client.calls.events import ExportedEvents
from receiver.client.describing import describe
from receiver.client.errors import ClientError
from receiver.client.exchange import Answer, Call, Page, Part, judge, refuse
from receiver.client.following import SILENCE_SECONDS, Following

P = ParamSpec("P")
T = TypeVar("T")
PartT = TypeVar("PartT", bound=Part)


def ask(make: Callable[P, Call[T]]) -> Callable[Concatenate["Sender", P], Coroutine[Any, Any, T]]:
    """Makes the method that returns the answer to a call."""

    async def method(self: "Sender", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._ask(make(*args, **kwargs))

    return describe(method, make, "{}")


def turn(
    make: Callable[P, Call[Page[T]]],
) -> Callable[Concatenate["Sender", P], AsyncGenerator[T, None]]:
    """Makes the method that yields the items of all pages."""

    async def method(
        self: "Sender", /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[T, None]:
        async for page in self._turn(make(*args, **kwargs)):
            for item in page.items:
                yield item

    return describe(method, make, "AsyncGenerator[]")


def turn_parts(
    make: Callable[P, Call[PartT]],
) -> Callable[Concatenate["Sender", P], AsyncGenerator[PartT, None]]:
    """Makes the method that yields all parts of an answer."""

    def method(self: "Sender", /, *args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[PartT, None]:
        return self._turn(make(*args, **kwargs))

    return describe(method, make, "AsyncGenerator[{}]")


def stream(
    make: Callable[P, Call[Answer]],
) -> Callable[Concatenate["Sender", P], AsyncGenerator[bytes, None]]:
    """Makes the method that yields an answer in pieces."""

    def method(self: "Sender", /, *args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[bytes, None]:
        return self._stream_patiently(make(*args, **kwargs))

    return describe(method, make, "AsyncGenerator[bytes]")


def read_events(
    make: Callable[P, Call[Answer]],
) -> Callable[Concatenate["Sender", P], AsyncGenerator[EventWithPayload, None]]:
    """Makes the method that yields the events of an export."""

    async def method(
        self: "Sender", /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[EventWithPayload, None]:
        exported = ExportedEvents()
        async with aclosing(self._stream_patiently(make(*args, **kwargs))) as pieces:
            async for piece in pieces:
                for event in exported.feed(piece):
                    yield event

    return describe(method, make, "AsyncGenerator[EventWithPayload]")


def follow(
    make: Callable[P, Following],
) -> Callable[Concatenate["Sender", P], AsyncGenerator[StreamedEvent, None]]:
    """Makes the method that yields the events of the live stream."""

    async def method(
        self: "Sender", /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[StreamedEvent, None]:
        following = make(*args, **kwargs)
        while True:
            failure: ClientError | None = None
            try:
                async with self._open(following.begin(), SILENCE_SECONDS) as pieces:
                    async for piece in pieces:
                        for event in following.feed(piece, time.monotonic()):
                            yield event
            except ClientError as error:
                failure = error
            await asyncio.sleep(following.pause(failure, time.monotonic()))

    return describe(method, make, "AsyncGenerator[StreamedEvent]")


class Sender(BaseClient):
    """Sends calls over connections of its own, or over given ones."""

    def __init__(self, url: str, options: Options, http: httpx.AsyncClient | None) -> None:
        super().__init__(url, options)
        self._is_own = http is None
        self._http = httpx.AsyncClient(**http_options(self._url)) if http is None else http

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections, those of clients with other options too."""
        if self._is_own:
            await self._http.aclose()

    async def _ask(self, call: Call[T]) -> T:
        tries = 0
        while True:
            try:
                return judge(call, await self._exchange(call))
            except ClientError as error:
                tries += 1
                pause = find_pause(error, tries, self._options.retries)
            await asyncio.sleep(pause)

    async def _turn(self, call: Call[PartT]) -> AsyncGenerator[PartT, None]:
        while True:
            part = await self._ask(call)
            yield part
            if part.next_cursor is None:
                return
            call = call.go_on(part.next_cursor)

    async def _exchange(self, call: Call[T]) -> Answer:
        seconds = self._options.timeout_seconds
        deadline = time.monotonic() + seconds
        async with self._respond(call, seconds) as response:
            return make_answer(response, await self._read(response, deadline))

    async def _stream_patiently(self, call: Call[Answer]) -> AsyncGenerator[bytes, None]:
        """Yields the pieces of an answer; its beginning is asked for as a call is."""
        tries = 0
        while True:
            has_begun = False
            try:
                async with self._open(call, self._options.timeout_seconds) as pieces:
                    async for piece in pieces:
                        has_begun = True
                        yield piece
                return
            except ClientError as error:
                if has_begun:
                    raise
                tries += 1
                pause = find_pause(error, tries, self._options.retries)
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def _open(
        self, call: Call[Answer], silence_seconds: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yields the pieces of an answer that is not a refusal."""
        deadline = time.monotonic() + self._options.timeout_seconds
        async with self._respond(call, silence_seconds) as response:
            if not response.is_success:
                refuse(make_answer(response, await self._read(response, deadline)))
            yield self._convert(response.aiter_bytes())

    async def _read(self, response: httpx.Response, deadline: float) -> bytes:
        pieces = []
        async for piece in self._convert(response.aiter_bytes()):
            pieces.append(piece)
            self._check(deadline)
        return b"".join(pieces)

    @asynccontextmanager
    async def _respond(
        self, call: Call[T], silence_seconds: float
    ) -> AsyncIterator[httpx.Response]:
        try:
            request = self._write(call, self._http, silence_seconds)
            response = await self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            raise self._explain(error) from None
        try:
            yield response
        finally:
            await response.aclose()

    async def _convert(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for piece in pieces:
                yield piece
        except httpx.HTTPError as error:
            raise self._explain(error) from None
