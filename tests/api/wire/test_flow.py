"""How far a connection is read ahead, and callers that do not read their answers."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from receiver.api.answers.exchange import COUNT_ANSWER
from receiver.api.wire.flow import Flow
from tests.support.listening import BOUNDS, protocol_of, served

LARGE = 8_000_000
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with more than any socket buffers."""
    await Response(LARGE * b"x")(scope, receive, send)


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[tuple[str, int]]:
    async with served(protocol_of(large, {COUNT_ANSWER: lambda *_: None}, **options)) as address:
        yield address


async def connect(address: tuple[str, int]) -> socket.socket:
    """A caller with a small window, which has asked and reads nothing."""
    caller = socket.socket()
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    caller.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(caller, address)
    await loop.sock_sendall(caller, GET)
    await asyncio.sleep(0.1)
    return caller


async def read_all(caller: socket.socket) -> int:
    """How many bytes come until the server ends the connection."""
    loop, number = asyncio.get_running_loop(), 0
    try:
        async with asyncio.timeout(30):
            while piece := await loop.sock_recv(caller, 65_536):
                number += len(piece)
    except ConnectionResetError:
        pass
    return number


async def test_a_caller_that_reads_nothing_loses_its_connection_in_time() -> None:
    async with serving(bounds=replace(BOUNDS, answer_timeout_seconds=0.2)) as address:
        caller = await connect(address)
        await asyncio.sleep(0.5)
        assert await read_all(caller) < LARGE
        caller.close()


async def test_a_caller_that_reads_slowly_gets_all_of_its_answer() -> None:
    async with serving(bounds=replace(BOUNDS, answer_timeout_seconds=0.2)) as address:
        caller = await connect(address)
        loop, number = asyncio.get_running_loop(), 0
        async with asyncio.timeout(60):
            while piece := await loop.sock_recv(caller, 40_000):
                number += len(piece)
                if number >= LARGE:
                    break
                # The last part quickly: it is the first part that shows patience.
                await asyncio.sleep(0.05 if number < 100_000 else 0)
        caller.close()
        assert number >= LARGE


@pytest.mark.parametrize("number", [2, 5])
async def test_connections_with_unread_answers_make_room_first(number: int) -> None:
    async with serving(connection_limit=number) as address:
        unread = [await connect(address) for _ in range(number - 1)]
        reader, writer = await asyncio.open_connection(*address)
        newest_reader, newest_writer = await asyncio.open_connection(*address)
        for end in (writer, newest_writer):
            end.write(GET)
        for each in (reader, newest_reader):
            await asyncio.wait_for(each.readuntil(b"\r\n\r\n"), 10)
            await asyncio.wait_for(each.readexactly(LARGE), 30)
        assert await read_all(unread[0]) < LARGE
        for end in (writer, newest_writer):
            end.close()
        for caller in unread:
            caller.close()


class Reading(asyncio.Transport):
    """A transport that knows whether it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.is_read = True

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


@pytest.mark.parametrize(
    ("waiting", "is_read", "times"), [([], True, 1), (["a request"], False, 0)]
)
async def test_reading_resumes_only_when_no_request_waits(
    waiting: list[str], is_read: bool, times: int
) -> None:
    transport = Reading()
    resumed: list[None] = []
    flow = Flow(transport, waiting, lambda: resumed.append(None))
    flow.resume_reading()
    assert resumed == []
    flow.pause_reading()
    flow.resume_reading()
    assert (transport.is_read, len(resumed)) == (is_read, times)
