"""The bounds of a connection and of a request, each with its answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from receiver.api.answers.exchange import COUNT_ANSWER
from receiver.api.wire import protocol
from receiver.api.wire.config import RequestBounds
from receiver.api.wire.protocol import PIPELINE_LIMIT, BoundedHttpProtocol
from tests.support.listening import protocol_of, served

BOUNDS = RequestBounds(
    head_timeout_seconds=0.3,
    head_limit_bytes=1000,
    body_timeout_seconds=0.3,
    answer_timeout_seconds=0.3,
)
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n"

End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Server:
    """An application that answers when it may, and what the wire counted.

    Attributes:
        may_answer: set: at once.
        connections: all that were made.
    """

    host: str = ""
    port: int = 0
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    counted: list[tuple[str, int, str]] = field(default_factory=list)
    connections: list[BoundedHttpProtocol] = field(default_factory=list)
    _ends: list[End] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            while (await receive()).get("more_body"):
                pass
        await self.may_answer.wait()
        await PlainTextResponse(scope["path"])(scope, receive, send)

    async def connect(self, *sent: bytes) -> End:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        self._ends.append((reader, writer))
        for piece in sent:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        return reader, writer

    def stop(self) -> None:
        """What the server does with its connections as it stops."""
        for connection in self.connections:
            connection.shutdown()

    async def close(self) -> None:
        for _, writer in self._ends:
            writer.close()


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[Server]:
    server = Server()
    server.may_answer.set()
    state = {COUNT_ANSWER: lambda *counted: server.counted.append(counted)}
    make = protocol_of(server, state, **{"bounds": BOUNDS, **options})

    def connect() -> BoundedHttpProtocol:
        server.connections.append(make())
        return server.connections[-1]

    async with served(connect) as (server.host, server.port):
        yield server
        await server.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


async def everything(reader: asyncio.StreamReader) -> bytes:
    """All bytes until the server closes."""
    return await asyncio.wait_for(reader.read(), 10)


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        (b"nonsense\r\n\r\n", 400, "not-http"),
        (b"GET / HTTP/1.1\r\nx: " + 1200 * b"y", 431, "head-too-large"),
        (b"GET / HT", 408, "head-too-slow"),
        (b"", 408, "head-too-slow"),
        (POST + b"123", 408, "body-too-slow"),
    ],
)
async def test_a_request_out_of_bounds_is_answered_counted_and_its_connection_closed(
    server: Server, sent: bytes, status: int, reason: str
) -> None:
    reader, _ = await server.connect(sent)
    answer = await everything(reader)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nconnection: close\r\n" in answer
    assert server.counted == [("connection", status, reason)]


async def test_well_formed_requests_before_a_bad_one_are_answered_first(server: Server) -> None:
    reader, _ = await server.connect(GET + GET + b"nonsense\r\n\r\n")
    answers = await everything(reader)
    assert [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]] == [200, 200, 400]


async def test_a_head_is_not_charged_for_the_request_before_it_in_the_same_chunk(
    server: Server,
) -> None:
    body = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n" + 2000 * b" "
    reader, writer = await server.connect(body + GET[:10], GET[10:])
    for _ in range(2):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await reader.readexactly(1)
    assert server.counted == []
    writer.close()


async def test_more_requests_than_may_wait_end_the_connection(server: Server) -> None:
    server.may_answer.clear()
    reader, _ = await server.connect((PIPELINE_LIMIT + 2) * GET)
    server.may_answer.set()
    answers = await everything(reader)
    assert answers.count(b"HTTP/1.1 200 ") == PIPELINE_LIMIT + 1
    assert server.counted == [("connection", 400, "not-http")]


async def test_the_connection_that_waits_longest_makes_room_for_a_newer_one() -> None:
    slow = replace(BOUNDS, head_timeout_seconds=10, body_timeout_seconds=10)
    async with serving(bounds=slow, connection_limit=2) as server:
        oldest, _ = await server.connect(GET)
        await oldest.readuntil(b"\r\n\r\n/")
        newer, _ = await server.connect(GET)
        newest, _ = await server.connect(GET)
        assert await everything(oldest) == b""
        for reader in (newer, newest):
            assert (await reader.readuntil(b"\r\n\r\n/")).startswith(b"HTTP/1.1 200 ")
        assert server.counted == []


async def test_a_connection_is_refused_when_all_others_are_being_answered() -> None:
    async with serving(connection_limit=2) as server:
        server.may_answer.clear()
        busy = [await server.connect(GET) for _ in range(2)]
        refused, _ = await server.connect(GET)
        answer = await everything(refused)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 5\r\n" in answer
        assert b"\r\nconnection: close\r\n" in answer
        server.may_answer.set()
        for reader, _ in busy:
            assert (await reader.readuntil(b"\r\n\r\n/")).startswith(b"HTTP/1.1 200 ")
        assert server.counted == [("connection", 503, "connections-full")]


async def test_an_idle_connection_closes_after_its_time_and_a_used_one_does_not() -> None:
    async with serving(idle_seconds=1) as server:
        idle, _ = await server.connect(GET)
        used, writer = await server.connect(GET)
        for _ in range(6):
            await used.readuntil(b"\r\n\r\n/")
            await asyncio.sleep(0.3)
            writer.write(GET)
        assert (await everything(idle)).endswith(b"\r\n\r\n/")
        assert (await used.readuntil(b"\r\n\r\n/")).startswith(b"HTTP/1.1 200 ")
        assert server.counted == []


async def test_a_stop_answers_what_is_on_its_way_on_a_kept_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "LAST_REQUEST_SECONDS", 30)
    async with serving() as server:
        kept = [await server.connect(GET) for _ in range(3)]
        for reader, _ in kept:
            await reader.readuntil(b"\r\n\r\n/")
        fresh = await server.connect()
        halfway = await server.connect(GET[:10])
        server.stop()
        halfway[1].write(GET[10:])
        for _, writer in (*kept, fresh):
            writer.write(GET)
        for reader, _ in (*kept, fresh, halfway):
            answer = await everything(reader)
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b"\r\nconnection: close\r\n" in answer


async def test_a_stop_closes_a_connection_on_which_nothing_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "LAST_REQUEST_SECONDS", 0.05)
    async with serving() as server:
        kept, _ = await server.connect(GET)
        await kept.readuntil(b"\r\n\r\n/")
        fresh, _ = await server.connect()
        server.may_answer.clear()
        busy, _ = await server.connect(GET)
        server.stop()
        assert await everything(kept) == b""
        assert await everything(fresh) == b""
        server.may_answer.set()
        answer = await everything(busy)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nconnection: close\r\n" in answer
