"""Framing: one request for each head, however TCP cuts the bytes and whatever a head offers."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from receiver.api.answers.exchange import COUNT_ANSWER
from receiver.api.wire.framing import find_fault
from tests.support.listening import protocol_of, served

HOST = (b"host", b"x")
UPGRADES = {
    "no offer": b"",
    "h2c": b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMA\r\n",
    "websocket": b"connection: keep-alive, Upgrade\r\nupgrade: websocket\r\n",
    "anything": b"upgrade: anything/1\r\nconnection: upgrade\r\n",
}
# A body that is itself a request: taken for one, it would be answered.
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
BODIES = {
    "declared": b"content-length: %d\r\n\r\n%b" % (len(SMUGGLED), SMUGGLED),
    "chunked": b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    % (len(SMUGGLED), SMUGGLED),
    "with trailers": b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\nauthorization: x\r\n\r\n"
    % (len(SMUGGLED), SMUGGLED),
    "empty": b"content-length: 0\r\n\r\n",
    "none": b"\r\n",
}


@dataclass
class Heard:
    """An application that notes each request: method, path, body, and its last headers."""

    requests: list[tuple[str, str, bytes]] = field(default_factory=list)
    headers: list[list[bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.requests.append((scope["method"], scope["path"], body))
        self.headers.append([name for name, _ in scope["headers"]])
        await PlainTextResponse(scope["path"])(scope, receive, send)


@asynccontextmanager
async def connected(
    heard: Heard,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    connect = protocol_of(heard, {COUNT_ANSWER: lambda *_: None})
    async with served(connect) as address:
        reader, writer = await asyncio.open_connection(*address)
        yield reader, writer
        writer.close()


async def paths_answered(reader: asyncio.StreamReader, number: int) -> list[bytes]:
    """The paths in the bodies of so many answers."""
    paths = []
    for _ in range(number):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        [length] = [line for line in head.split(b"\r\n") if line.startswith(b"content-length")]
        paths.append(await reader.readexactly(int(length.split()[1])))
    return paths


@pytest.mark.parametrize("upgrade", UPGRADES.values(), ids=UPGRADES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("seed", [None, 1, 2, 3])
async def test_every_request_gets_its_own_answer_however_tcp_cuts_it(
    upgrade: bytes, body: bytes, seed: int | None
) -> None:
    first = b"POST /first HTTP/1.1\r\nhost: x\r\n%b%b" % (upgrade, body)
    second = b"POST /second HTTP/1.1\r\nhost: x\r\n%bcontent-length: 2\r\n\r\nok" % upgrade
    sent = first + second + b"GET /third HTTP/1.1\r\nhost: x\r\n\r\n"
    chance = random.Random(seed)  # noqa: S311 - where to cut
    cuts = [] if seed is None else sorted(chance.sample(range(1, len(sent)), 9))
    heard = Heard()
    async with connected(heard) as (reader, writer):
        for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            writer.write(sent[begin:end])
            await writer.drain()
            await asyncio.sleep(0.002)
        assert await paths_answered(reader, 3) == [b"/first", b"/second", b"/third"]
    expected = SMUGGLED if SMUGGLED in body else b""
    assert heard.requests == [
        ("POST", "/first", expected),
        ("POST", "/second", b"ok"),
        ("GET", "/third", b""),
    ]
    assert all(b"authorization" not in names for names in heard.headers)


async def test_trailers_are_never_headers_and_are_not_kept() -> None:
    heard = Heard()
    trailers = b"".join(b"x-%d: y\r\n" % number for number in range(1000))
    async with connected(heard) as (reader, writer):
        writer.write(
            b"POST /one HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
            b"2\r\nok\r\n0\r\n" + trailers + b"\r\n"
        )
        assert await paths_answered(reader, 1) == [b"/one"]
    assert heard.headers == [[b"host", b"transfer-encoding"]]


@pytest.mark.parametrize(
    ("version", "headers"),
    [
        ("1.1", [HOST]),
        ("1.0", []),
        ("1.1", [HOST, (b"accept", b"a"), (b"accept", b"b")]),
        ("1.1", [HOST, (b"authorization", b"a"), (b"authorization", b"a")]),
        ("1.1", [HOST, (b"transfer-encoding", b" Chunked ")]),
    ],
)
def test_a_head_with_one_reading_has_no_fault(
    version: str, headers: list[tuple[bytes, bytes]]
) -> None:
    assert find_fault(version, headers) is None


@pytest.mark.parametrize(
    ("version", "headers"),
    [
        ("1.1", []),
        ("1.1", [HOST, HOST]),
        ("1.1", [HOST, (b"host", b"y")]),
        ("0.9", []),
        ("2.0", [HOST]),
        ("1.1", [HOST, (b"authorization", b"a"), (b"authorization", b"b")]),
        ("1.1", [HOST, (b"transfer-encoding", b"gzip, chunked")]),
        ("1.1", [HOST, (b"transfer-encoding", b"identity, chunked")]),
        ("1.1", [HOST, (b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")]),
    ],
)
def test_a_head_with_two_readings_has_a_fault(
    version: str, headers: list[tuple[bytes, bytes]]
) -> None:
    assert find_fault(version, headers) is not None


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n",
        b"GET / HTTP/2.0\r\nhost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ],
)
async def test_a_head_with_two_readings_is_400_and_nothing_behind_it_is_read(head: bytes) -> None:
    heard = Heard()
    async with connected(heard) as (reader, writer):
        writer.write(b"GET /good HTTP/1.1\r\nhost: x\r\n\r\n" + head)
        writer.write(b"GET /behind HTTP/1.1\r\nhost: x\r\n\r\n")
        answers = await asyncio.wait_for(reader.read(), 10)
    assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == [b"200", b"400"]
    assert [path for _, path, _ in heard.requests] == ["/good"]
