"""Sends calls, and waits for each answer: what the methods of `Client` are made of."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, Self, TypeVar

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


def ask(make: Callable[P, Call[T]]) -> Callable[Concatenate["Sender", P], T]:
    """Makes the method that returns the answer to a call."""

    def method(self: "Sender", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._ask(make(*args, **kwargs))

    return describe(method, make, "{}")


def turn(
    make: Callable[P, Call[Page[T]]],
) -> Callable[Concatenate["Sender", P], Generator[T, None, None]]:
    """Makes the method that yields the items of all pages."""

    def method(self: "Sender", /, *args: P.args, **kwargs: P.kwargs) -> Generator[T, None, None]:
        for page in self._turn(make(*args, **kwargs)):
            yield from page.items

    return describe(method, make, "Generator[]")


def turn_parts(
    make: Callable[P, Call[PartT]],
) -> Callable[Concatenate["Sender", P], Generator[PartT, None, None]]:
    """Makes the method that yields all parts of an answer."""

    def method(
        self: "Sender", /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[PartT, None, None]:
        return self._turn(make(*args, **kwargs))

    return describe(method, make, "Generator[{}]")


def stream(
    make: Callable[P, Call[Answer]],
) -> Callable[Concatenate["Sender", P], Generator[bytes, None, None]]:
    """Makes the method that yields an answer in pieces."""

    def method(
        self: "Sender", /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[bytes, None, None]:
        return self._stream_patiently(make(*args, **kwargs))

    return describe(method, make, "Generator[bytes]")


def read_events(
    make: Callable[P, Call[Answer]],
) -> Callable[Concatenate["Sender", P], Generator[EventWithPayload, None, None]]:
    """Makes the method that yields the events of an export."""

    def method(
        self: "Sender", /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[EventWithPayload, None, None]:
        exported = ExportedEvents()
        for piece in self._stream_patiently(make(*args, **kwargs)):
            yield from exported.feed(piece)

    return describe(method, make, "Generator[EventWithPayload]")


def follow(
    make: Callable[P, Following],
) -> Callable[Concatenate["Sender", P], Generator[StreamedEvent, None, None]]:
    """Makes the method that yields the events of the live stream."""

    def method(
        self: "Sender", /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[StreamedEvent, None, None]:
        following = make(*args, **kwargs)
        while True:
            failure: ClientError | None = None
            try:
                with self._open(following.begin(), SILENCE_SECONDS) as pieces:
                    for piece in pieces:
                        yield from following.feed(piece, time.monotonic())
            except ClientError as error:
                failure = error
            time.sleep(following.pause(failure, time.monotonic()))

    return describe(method, make, "Generator[StreamedEvent]")


class Sender(BaseClient):
    """Sends calls over connections of its own, or over given ones."""

    def __init__(self, url: str, options: Options, http: httpx.Client | None) -> None:
        super().__init__(url, options)
        self._is_own = http is None
        self._http = httpx.Client(**http_options(self._url)) if http is None else http

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections, those of clients with other options too."""
        if self._is_own:
            self._http.close()

    def _ask(self, call: Call[T]) -> T:
        tries = 0
        while True:
            try:
                return judge(call, self._exchange(call))
            except ClientError as error:
                tries += 1
                pause = find_pause(error, tries, self._options.retries)
            time.sleep(pause)

    def _turn(self, call: Call[PartT]) -> Generator[PartT, None, None]:
        while True:
            part = self._ask(call)
            yield part
            if part.next_cursor is None:
                return
            call = call.go_on(part.next_cursor)

    def _exchange(self, call: Call[T]) -> Answer:
        seconds = self._options.timeout_seconds
        deadline = time.monotonic() + seconds
        with self._respond(call, seconds) as response:
            return make_answer(response, self._read(response, deadline))

    def _stream_patiently(self, call: Call[Answer]) -> Generator[bytes, None, None]:
        """Yields the pieces of an answer; its beginning is asked for as a call is."""
        tries = 0
        while True:
            has_begun = False
            try:
                with self._open(call, self._options.timeout_seconds) as pieces:
                    for piece in pieces:
                        has_begun = True
                        yield piece
                return
            except ClientError as error:
                if has_begun:
                    raise
                tries += 1
                pause = find_pause(error, tries, self._options.retries)
            time.sleep(pause)

    @contextmanager
    def _open(self, call: Call[Answer], silence_seconds: float) -> Iterator[Iterator[bytes]]:
        """Yields the pieces of an answer that is not a refusal."""
        deadline = time.monotonic() + self._options.timeout_seconds
        with self._respond(call, silence_seconds) as response:
            if not response.is_success:
                refuse(make_answer(response, self._read(response, deadline)))
            yield self._convert(response.iter_bytes())

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        pieces = []
        for piece in self._convert(response.iter_bytes()):
            pieces.append(piece)
            self._check(deadline)
        return b"".join(pieces)

    @contextmanager
    def _respond(self, call: Call[T], silence_seconds: float) -> Iterator[httpx.Response]:
        try:
            request = self._write(call, self._http, silence_seconds)
            response = self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            raise self._explain(error) from None
        try:
            yield response
        finally:
            response.close()

    def _convert(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from pieces
        except httpx.HTTPError as error:
            raise self._explain(error) from None
