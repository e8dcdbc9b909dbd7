"""The next requests of senders are read in portions; everything else is read as it arrives."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from receiver.api.answers.exchange import COUNT_ANSWER, Answer, Exchange, FirstHeaders
from receiver.api.wire.framing import FramingProtocol
from receiver.api.wire.gathering import GATHERING, Gathering
from receiver.api.wire.portioned import PortionedProtocol
from receiver.portions import PORTION, Rota
from tests.support.listening import BOUNDS, Connect, protocol_of

HEAD = b"POST /notifications HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n"
POST = HEAD + b"{}"
GET = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"
STORED = Answer(204, "ok", (), b"")


@dataclass(slots=True)
class Door:
    """A reception that answers at once, and the application beside it."""

    received: list[bytes | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def may_wait_for(self, _headers: FirstHeaders, _length: int) -> bool:
        return True

    def receive(self, exchanges: Sequence[Exchange]) -> None:
        for exchange in exchanges:
            self.received.append(exchange.body)
            exchange.respond(STORED, b"correlator")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        await PlainTextResponse("ok")(scope, receive, send)


class Wire(asyncio.Transport):
    """The other end of a connection."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


@dataclass(slots=True)
class Senders:
    """Connections, each of which has sent a notification and has its answer."""

    door: Door
    connect: Connect
    all: list[tuple[PortionedProtocol, Wire]] = field(default_factory=list)

    async def add(self) -> tuple[PortionedProtocol, Wire]:
        added = self.open()
        added[0].data_received(POST)
        await turns(3)
        assert added[1].written.startswith(b"HTTP/1.1 204 ")
        added[1].written = b""
        self.door.received.clear()
        return added

    def open(self) -> tuple[PortionedProtocol, Wire]:
        connection, wire = self.connect(), Wire()
        connection.connection_made(wire)
        self.all.append((connection, wire))
        return connection, wire

    def end(self) -> None:
        for connection, _ in self.all:
            connection.connection_lost(None)


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


def senders_of(door: Door, *, limit: int = 100, head_seconds: float = 10) -> Senders:
    state = {GATHERING: Gathering("/notifications", door, Rota()), COUNT_ANSWER: lambda *_: None}
    bounds = replace(BOUNDS, head_timeout_seconds=head_seconds)
    return Senders(door, protocol_of(door, state, bounds=bounds, connection_limit=limit))


async def test_few_of_the_next_requests_are_read_in_a_turn() -> None:
    senders = senders_of(Door())
    for _ in range(2 * PORTION + 1):
        await senders.add()
    before = [connection.cycle for connection, _ in senders.all]
    for connection, _ in senders.all:
        connection.data_received(POST)

    def read() -> int:
        return sum(
            connection.cycle is not cycle
            for (connection, _), cycle in zip(senders.all, before, strict=True)
        )

    counts = [read()]
    # Between them, turns in which what was read is handed over.
    for _ in range(6):
        await turns(1)
        counts.append(read())
    assert counts[:2] == [0, PORTION]
    assert max(later - earlier for earlier, later in pairwise(counts)) == PORTION
    assert counts[-1] == 2 * PORTION + 1
    assert senders.door.received == [b"{}"] * (2 * PORTION + 1)
    assert all(wire.written.startswith(b"HTTP/1.1 204 ") for _, wire in senders.all)
    senders.end()


async def test_a_question_is_read_as_it_arrives() -> None:
    senders = senders_of(Door())
    connection, wire = senders.open()
    for _ in range(2):
        before = connection.cycle
        connection.data_received(GET)
        assert connection.cycle is not before
        await turns(3)
    assert senders.door.asked == ["/livez"] * 2
    # Of a sender, in its turn; whoever has asked is no sender any more.
    connection, wire = await senders.add()
    connection.data_received(GET)
    await turns(4)
    assert wire.written.startswith(b"HTTP/1.1 200 ")
    before = connection.cycle
    connection.data_received(POST)
    assert connection.cycle is not before
    await turns(3)
    assert senders.door.received == [b"{}"]
    senders.end()


async def test_what_follows_is_read_behind_it() -> None:
    senders = senders_of(Door())
    connection, wire = await senders.add()
    for piece in (HEAD[:30], HEAD[30:], b"{", b"}"):
        connection.data_received(piece)
    await turns(3)
    assert senders.door.received == [b"{}"]
    assert wire.written.count(b"HTTP/1.1 204 ") == 1
    senders.end()


async def test_a_request_that_is_due_is_taken_in_though_its_sender_hangs_up() -> None:
    senders = senders_of(Door())
    connection, _ = await senders.add()
    connection.data_received(POST)
    connection.connection_lost(None)
    await turns(3)
    assert senders.door.received == [b"{}"]


async def test_a_connection_that_is_due_does_not_end_for_having_been_idle() -> None:
    senders = senders_of(Door())
    connection, wire = await senders.add()
    connection.data_received(POST)
    connection.timeout_keep_alive_handler()
    assert not wire.is_closed
    await turns(3)
    assert wire.written.startswith(b"HTTP/1.1 204 ")
    # And later it does.
    connection._idle_since -= 1000
    connection.timeout_keep_alive_handler()
    assert wire.is_closed


async def test_a_connection_that_is_due_makes_no_room() -> None:
    senders = senders_of(Door(), limit=2)
    due, wire = await senders.add()
    _, idle = await senders.add()
    due.data_received(POST)
    senders.open()
    assert (wire.is_closed, idle.is_closed) == (False, True)
    await turns(3)
    assert wire.written.startswith(b"HTTP/1.1 204 ")
    senders.end()


async def test_a_part_of_a_head_has_the_deadline_of_a_head_and_makes_room() -> None:
    senders = senders_of(Door(), limit=1, head_seconds=0.05)
    connection, wire = await senders.add()
    connection.data_received(HEAD[:30])
    await turns(2)
    await asyncio.sleep(0.2)
    assert wire.written.startswith(b"HTTP/1.1 408 ")
    senders.end()
    senders = senders_of(Door(), limit=1)
    connection, wire = await senders.add()
    connection.data_received(HEAD[:30])
    await turns(2)
    senders.open()
    assert wire.is_closed
    senders.end()


async def test_a_connection_that_cannot_be_read_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    senders = senders_of(Door())
    wires = [await senders.add() for _ in range(3)]
    read = FramingProtocol.data_received

    def fail(connection: FramingProtocol, data: bytes) -> None:
        if data == GET:
            raise LookupError
        read(connection, data)

    reported = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: reported.append(type(context["exception"]))
    )
    monkeypatch.setattr(FramingProtocol, "data_received", fail)
    for (connection, _), sent in zip(wires, (POST, GET, POST), strict=True):
        connection.data_received(sent)
    await turns(3)
    assert reported == [LookupError]
    assert [wire.is_closed for _, wire in wires] == [False, True, False]
    assert senders.door.received == [b"{}"] * 2
    senders.end()
