"""The short way: which requests take it, and that all others are answered by the application."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from receiver.api.answers.counting import COUNT_ANSWER
from receiver.api.wire.gathering import SHORT_WAY, Headers, Request, ShortWay, Taken
from receiver.errors import Unavailable
from tests.support.listening import protocol_of, served

CHUNKED = b"POST /notifications HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
CORRELATOR = b"told-by-the-way"
SHORT = (
    b"HTTP/1.1 204 No Content\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"x-correlator: told-by-the-way\r\n"
)


@dataclass(slots=True)
class Way:
    """A short way that is told what to take, and a long one that says what it was called for."""

    is_awaited: bool = True
    takes: bool = True
    together: list[int] = field(default_factory=list)
    stored: list[asyncio.Future[None]] = field(default_factory=list)
    answered: int = 0
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)

    def awaits(self, _headers: Headers, _length: int) -> bool:
        return self.is_awaited

    def take(self, requests: Sequence[Request]) -> Sequence[Taken | None]:
        self.together.append(len(requests))
        if any(body == b"poison" for _, body in requests):
            raise ValueError
        futures = [asyncio.get_running_loop().create_future() for _ in requests]
        self.stored += futures
        return [Taken(future, CORRELATOR) if self.takes else None for future in futures]

    def answer(self, number: int) -> None:
        self.answered += number

    def failed(self, error: BaseException, correlator: bytes) -> PlainTextResponse:
        return PlainTextResponse(f"{type(error).__name__} {correlator.decode()}", 503)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                answer = f"long {scope['method']} {scope['path']} {len(body)}"
                await PlainTextResponse(answer)(scope, receive, send)
                return
        self.disconnected.set()

    def store(self) -> None:
        for future in self.stored:
            if not future.done():
                future.set_result(None)


@dataclass(frozen=True, slots=True)
class Client:
    """One end of a connection."""

    way: Way
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def sends(self, *pieces: bytes) -> None:
        """Each by itself, and read before the next is sent."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.02)

    async def gets(self) -> bytes:
        """The next answer, its body included."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: ([0-9]+)", head)
        return head + await self.reader.readexactly(int(length[1]) if length else 0)


@asynccontextmanager
async def client(way: Way) -> AsyncIterator[Client]:
    short_way = ShortWay("/notifications", way.awaits, way.take, way.answer, way.failed)
    state = {SHORT_WAY: short_way, COUNT_ANSWER: lambda *_: None}
    async with served(protocol_of(way, state)) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        yield Client(way, reader, writer)
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def connected() -> AsyncIterator[Client]:
    async with client(Way()) as connected:
        yield connected


def post(
    body: bytes = b"{}",
    path: bytes = b"/notifications",
    *,
    more: bytes = b"",
    version: bytes = b"1.1",
) -> bytes:
    return b"POST %b HTTP/%b\r\nhost: x\r\n%bcontent-length: %d\r\n\r\n%b" % (
        path, version, more, len(body), body,
    )  # fmt: skip


async def test_a_whole_request_is_204_once_it_is_stored(connected: Client) -> None:
    await connected.sends(post())
    assert connected.way.answered == 0
    connected.way.store()
    assert await connected.gets() == SHORT + b"\r\n"
    assert (connected.way.together, connected.way.answered) == ([1], 1)


async def test_a_connection_goes_on_after_the_short_way(connected: Client) -> None:
    for _ in range(3):
        await connected.sends(post())
        connected.way.store()
        assert await connected.gets() == SHORT + b"\r\n"
    await connected.sends(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await connected.gets()).endswith(b"long GET / 0")


async def test_requests_that_come_at_once_are_taken_together() -> None:
    way = Way()
    short_way = ShortWay("/notifications", way.awaits, way.take, way.answer, way.failed)
    async with served(protocol_of(way, {SHORT_WAY: short_way})) as (host, port):
        ends = [await asyncio.open_connection(host, port) for _ in range(5)]
        for _, writer in ends:
            writer.write(post())
        while len(way.stored) < 5:
            await asyncio.sleep(0.01)
        way.store()
        for reader, writer in ends:
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(SHORT)
            writer.close()
    assert (max(way.together), sum(way.together)) == (5, 5)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /notifications HTTP/1.1\r\nhost: x\r\n\r\n",
        post(path=b"/notifications/"),
        post(path=b"/events/retrieve"),
        post(more=b"expect: 100-continue\r\n"),
    ],
)
async def test_everything_else_goes_the_long_way(connected: Client, request_: bytes) -> None:
    await connected.sends(request_)
    answer = await connected.gets()
    assert answer.startswith((b"HTTP/1.1 200 OK", b"HTTP/1.1 100 Continue"))
    assert connected.way.together == []


@pytest.mark.parametrize("body", [b"refused", b"poison"])
async def test_what_is_not_taken_goes_the_long_way(connected: Client, body: bytes) -> None:
    connected.way.takes = False
    await connected.sends(post(body))
    assert (await connected.gets()).endswith(b"long POST /notifications %d" % len(body))
    assert connected.way.answered == 0


async def test_what_is_not_stored_is_answered_in_place_of_the_204(connected: Client) -> None:
    await connected.sends(post())
    connected.way.stored[0].set_exception(Unavailable("away"))
    assert (await connected.gets()).endswith(b"Unavailable told-by-the-way")
    assert connected.way.answered == 0


@pytest.mark.parametrize("pieces", [(50,), (70,), (50, 60, 71)])
async def test_a_small_body_is_waited_for(connected: Client, pieces: tuple[int, ...]) -> None:
    whole = post(b"0123456789")
    cuts = [0, *pieces, len(whole)]
    await connected.sends(*(whole[a:b] for a, b in pairwise(cuts)))
    connected.way.store()
    assert await connected.gets() == SHORT + b"\r\n"


async def test_nobody_waits_for_a_body_that_would_be_refused(connected: Client) -> None:
    connected.way.is_awaited = False
    whole = post(b"0123456789")
    await connected.sends(whole[:-5], whole[-5:])
    assert (await connected.gets()).endswith(b"long POST /notifications 10")


@pytest.mark.parametrize(
    "whole",
    [
        post(200_000 * b" "),
        CHUNKED + b"a\r\n0123456789\r\n0\r\n\r\n",
    ],
)
async def test_a_large_body_or_one_of_unknown_length_is_not_waited_for(
    connected: Client, whole: bytes
) -> None:
    await connected.sends(whole[:-8], whole[-8:])
    assert b"long POST /notifications" in await connected.gets()
    assert connected.way.together == []


async def test_requests_ahead_of_their_answers_are_answered_in_order(connected: Client) -> None:
    await connected.sends(post() + post(path=b"/1") + post(b"{  }"))
    assert connected.way.together == [1]
    connected.way.store()
    assert await connected.gets() == SHORT + b"\r\n"
    assert (await connected.gets()).endswith(b"long POST /1 2")
    await asyncio.sleep(0.02)
    assert connected.way.together == [1, 1]
    connected.way.store()
    assert await connected.gets() == SHORT + b"\r\n"


async def test_the_rest_of_a_body_is_read_once_the_answer_before_it_is_out(
    connected: Client,
) -> None:
    whole = post(b"0123456789")
    await connected.sends(post() + whole[:-5], whole[-5:])
    for _ in range(2):
        connected.way.store()
        assert await asyncio.wait_for(connected.gets(), 10) == SHORT + b"\r\n"
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("request_", [post(more=b"connection: close\r\n"), post(version=b"1.0")])
async def test_whoever_asks_for_it_is_answered_and_left(connected: Client, request_: bytes) -> None:
    await connected.sends(request_)
    connected.way.store()
    assert await connected.reader.read() == SHORT + b"connection: close\r\n\r\n"


async def test_who_leaves_before_the_answer_harms_nobody(connected: Client) -> None:
    await connected.sends(post())
    connected.writer.close()
    await connected.writer.wait_closed()
    await asyncio.sleep(0.02)
    connected.way.store()
    await asyncio.sleep(0.02)
    assert connected.way.answered == 1


async def test_who_leaves_within_a_body_is_told_of_to_the_application(connected: Client) -> None:
    await connected.sends(post(b"0123456789")[:-5])
    connected.writer.close()
    await asyncio.wait_for(connected.way.disconnected.wait(), 10)
    assert connected.way.together == []
