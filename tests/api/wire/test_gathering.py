"""Gathering: which requests go to the reception, and that the application answers all others."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from receiver.api.answers.exchange import COUNT_ANSWER, Answer, Exchange, FirstHeaders
from receiver.api.wire.gathering import GATHERING, Gathering
from receiver.portions import Rota
from tests.support.listening import protocol_of, served

CHUNKED = b"POST /notifications HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
CORRELATOR = b"the-reception-s"
GATHERED = (
    b"HTTP/1.1 204 No Content\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"x-correlator: the-reception-s\r\n"
)
STORED = Answer(204, "ok", (), b"")
REFUSED = Answer(400, "refused", ((b"content-length", b"3"), (b"retry-after", b"5")), b"bad")


@dataclass(slots=True)
class Door:
    """A reception that answers when it is told to, and the application beside it."""

    may_wait: bool = True
    answer: Answer = STORED
    turns: list[list[bytes | None]] = field(default_factory=list)
    waiting: list[Exchange] = field(default_factory=list)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)

    def may_wait_for(self, _headers: FirstHeaders, _length: int) -> bool:
        return self.may_wait

    def receive(self, exchanges: Sequence[Exchange]) -> None:
        self.turns.append([exchange.body for exchange in exchanges])
        if b"poison" in self.turns[-1]:
            raise ValueError
        self.waiting += exchanges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                answer = f"application {scope['method']} {scope['path']} {len(body)}"
                await PlainTextResponse(answer)(scope, receive, send)
                return
        self.disconnected.set()

    def respond(self) -> None:
        waiting, self.waiting = self.waiting, []
        for exchange in waiting:
            exchange.respond(self.answer, CORRELATOR)


@dataclass(frozen=True, slots=True)
class Client:
    """One end of a connection."""

    door: Door
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
async def client(door: Door) -> AsyncIterator[Client]:
    state = {GATHERING: Gathering("/notifications", door, Rota()), COUNT_ANSWER: lambda *_: None}
    async with served(protocol_of(door, state)) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        yield Client(door, reader, writer)
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def connected() -> AsyncIterator[Client]:
    async with client(Door()) as connected:
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


async def test_a_whole_request_gets_the_answer_of_the_reception(connected: Client) -> None:
    await connected.sends(post())
    assert connected.door.turns == [[b"{}"]]
    connected.door.respond()
    assert await connected.gets() == GATHERED + b"\r\n"


async def test_an_answer_with_a_body_has_its_headers(connected: Client) -> None:
    for _ in range(2):
        await connected.sends(post())
        connected.door.answer = REFUSED
        connected.door.respond()
        head, _, answer = (await connected.gets()).partition(b"\r\n\r\n")
        assert head.split(b"\r\n") == [
            b"HTTP/1.1 400 Bad Request",
            b"date: Thu, 01 Jan 2026 00:00:00 GMT",
            b"content-length: 3",
            b"retry-after: 5",
            b"x-correlator: the-reception-s",
        ]
        assert answer == b"bad"


async def test_a_connection_goes_on_after_a_gathered_request(connected: Client) -> None:
    for _ in range(3):
        await connected.sends(post())
        connected.door.respond()
        assert await connected.gets() == GATHERED + b"\r\n"
    await connected.sends(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await connected.gets()).endswith(b"application GET / 0")


async def test_requests_of_one_turn_are_received_together() -> None:
    door = Door()
    async with served(
        protocol_of(door, {GATHERING: Gathering("/notifications", door, Rota())})
    ) as address:
        ends = [await asyncio.open_connection(*address) for _ in range(5)]
        for _, writer in ends:
            writer.write(post())
        while len(door.waiting) < 5:
            await asyncio.sleep(0.01)
        door.respond()
        for reader, writer in ends:
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(GATHERED)
            writer.close()
    assert max(map(len, door.turns)) == 5


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /notifications HTTP/1.1\r\nhost: x\r\n\r\n",
        post(path=b"/notifications/"),
        post(path=b"/events/retrieve"),
        post(more=b"expect: 100-continue\r\n"),
    ],
)
async def test_everything_else_is_the_applications(connected: Client, request_: bytes) -> None:
    await connected.sends(request_)
    answer = await connected.gets()
    assert answer.startswith((b"HTTP/1.1 200 OK", b"HTTP/1.1 100 Continue"))
    assert connected.door.turns == []


async def test_a_reception_that_fails_still_owes_each_request_an_answer(connected: Client) -> None:
    await connected.sends(post(b"poison"))
    assert (await connected.gets()).startswith(b"HTTP/1.1 500 ")
    await connected.sends(post())
    connected.door.respond()
    assert await connected.gets() == GATHERED + b"\r\n"


@pytest.mark.parametrize("pieces", [(50,), (70,), (50, 60, 71)])
async def test_a_small_body_is_waited_for(connected: Client, pieces: tuple[int, ...]) -> None:
    whole = post(b"0123456789")
    cuts = [0, *pieces, len(whole)]
    await connected.sends(*(whole[a:b] for a, b in pairwise(cuts)))
    connected.door.respond()
    assert await connected.gets() == GATHERED + b"\r\n"


async def test_a_body_is_not_waited_for_if_its_head_would_be_refused(connected: Client) -> None:
    connected.door.may_wait = False
    whole = post(b"0123456789")
    await connected.sends(whole[:-5], whole[-5:])
    assert (await connected.gets()).endswith(b"application POST /notifications 10")


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
    assert b"application POST /notifications" in await connected.gets()
    assert connected.door.turns == []


async def test_requests_ahead_of_their_answers_are_answered_in_order(connected: Client) -> None:
    await connected.sends(post() + post(path=b"/1") + post(b"{  }"))
    assert list(map(len, connected.door.turns)) == [1]
    connected.door.respond()
    assert await connected.gets() == GATHERED + b"\r\n"
    assert (await connected.gets()).endswith(b"application POST /1 2")
    await asyncio.sleep(0.02)
    assert list(map(len, connected.door.turns)) == [1, 1]
    connected.door.respond()
    assert await connected.gets() == GATHERED + b"\r\n"


async def test_the_rest_of_a_body_is_read_once_the_answer_before_it_is_out(
    connected: Client,
) -> None:
    whole = post(b"0123456789")
    await connected.sends(post() + whole[:-5], whole[-5:])
    for _ in range(2):
        connected.door.respond()
        assert await asyncio.wait_for(connected.gets(), 10) == GATHERED + b"\r\n"
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("request_", [post(more=b"connection: close\r\n"), post(version=b"1.0")])
async def test_a_connection_that_shall_close_closes_after_the_answer(
    connected: Client, request_: bytes
) -> None:
    await connected.sends(request_)
    connected.door.respond()
    assert await connected.reader.read() == GATHERED + b"connection: close\r\n\r\n"


async def test_a_caller_that_hangs_up_before_its_answer_harms_nobody(connected: Client) -> None:
    await connected.sends(post())
    connected.writer.close()
    await connected.writer.wait_closed()
    await asyncio.sleep(0.02)
    connected.door.respond()
    await asyncio.sleep(0.02)
    assert connected.door.waiting == []


async def test_the_application_learns_of_a_caller_that_hangs_up_within_a_body(
    connected: Client,
) -> None:
    await connected.sends(post(b"0123456789")[:-5])
    connected.writer.close()
    await asyncio.wait_for(connected.door.disconnected.wait(), 10)
    assert connected.door.turns == []
