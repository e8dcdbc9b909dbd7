"""Who has a place while all are taken: probes are answered, and nobody else gets more of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from receiver.api.answers.exchange import COUNT_ANSWER
from receiver.api.wire.places import KEPT_BACK, PROBES
from tests.support.listening import protocol_of, served

LIMIT = 3

End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def asking(path: str, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nhost: x\r\nx-correlator: mine\r\n\r\n".encode()


class Server:
    """Answers `/probe` at once, `/slow-probe` and all else when it may."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.counted: list[tuple[Any, ...]] = []
        self.asked = 0
        self.address = ("", 0)
        self.ends: list[End] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        if scope["path"] != "/probe":
            await self.may_answer.wait()
        await PlainTextResponse(scope["path"])(scope, receive, send)

    async def connect(self, sent: bytes = b"") -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection(*self.address)
        self.ends.append((reader, writer))
        writer.write(sent)
        await writer.drain()
        return reader

    async def connect_busy(self, number: int, path: str = "/") -> None:
        """Opens connections whose requests wait for their answer."""
        asked = self.asked
        for _ in range(number):
            await self.connect(asking(path))
        async with asyncio.timeout(10):
            while self.asked < asked + number:
                await asyncio.sleep(0.01)

    async def ask(self, path: str, method: str = "GET") -> bytes:
        return await asyncio.wait_for((await self.connect(asking(path, method))).read(), 10)


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server = Server()
    state = {
        COUNT_ANSWER: lambda *counted: server.counted.append(counted),
        PROBES: frozenset({"/probe", "/slow-probe"}),
    }
    async with served(protocol_of(server, state, connection_limit=LIMIT)) as server.address:
        yield server
        server.may_answer.set()
        for _, writer in server.ends:
            writer.close()


async def test_probes_are_answered_once_while_every_place_is_taken() -> None:
    async with serving() as server:
        await server.connect_busy(LIMIT)
        for _ in range(2 * KEPT_BACK):
            answer = await server.ask("/probe")
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b"\r\nconnection: close\r\n" in answer
        assert server.counted == []


async def test_any_other_call_gets_no_place_that_is_kept_back() -> None:
    async with serving() as server:
        await server.connect_busy(LIMIT)
        for path, method in (("/", "GET"), ("/notifications", "POST"), ("/probe/x", "GET")):
            answer = await server.ask(path, method)
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nx-correlator: mine\r\n" in answer
            assert answer.endswith(b'"message":"Too many connections are open"}')
        assert server.counted == [("connection", 503, "connections-full")] * 3
        assert server.asked == LIMIT


async def test_silent_connections_make_room_for_a_probe() -> None:
    async with serving() as server:
        await server.connect_busy(LIMIT)
        silent = [await server.connect() for _ in range(3 * KEPT_BACK)]
        assert (await server.ask("/probe")).startswith(b"HTTP/1.1 200 ")
        # All but as many as are kept back have ended, and one more for the probe.
        ended = silent[: 2 * KEPT_BACK + 1]
        for reader in ended:
            assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 503 ")
        assert [reader.at_eof() for reader in silent] == [True] * len(ended) + [False] * (
            len(silent) - len(ended)
        )


async def test_more_probes_than_are_kept_back_are_refused() -> None:
    async with serving() as server:
        await server.connect_busy(LIMIT)
        await server.connect_busy(KEPT_BACK, "/slow-probe")
        assert (await server.ask("/probe")).startswith(b"HTTP/1.1 503 ")
        assert server.counted == [("connection", 503, "connections-full")]


async def test_a_place_that_becomes_free_is_an_ordinary_one_whoever_is_kept_back() -> None:
    async with serving() as server:
        await server.connect_busy(LIMIT)
        await server.connect_busy(2, "/slow-probe")
        reader, writer = server.ends[0]
        writer.close()
        await writer.wait_closed()
        assert reader.at_eof()
        await asyncio.sleep(0.05)
        await server.connect_busy(1)
        assert server.counted == []
