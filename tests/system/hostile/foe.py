"""A client that means no good: raw connections from an address of its own, and what came back."""

import asyncio
import re
import socket
import struct
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

from tests.system.hostile.marks import NUMBER, TOKEN

# Another address than the good senders' where loopback is a whole network.
STRANGER = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
PATIENCE_SECONDS = 120
NO_LINGER = struct.pack("ii", 1, 0)
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
NO_ANSWER = "closed"


class Wire:
    """A connection to the service."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self.received = b""

    async def send(self, sent: bytes) -> bool:
        """Returns whether the service still took it."""
        try:
            await self._loop.sock_sendall(self._connection, sent)
        except OSError:
            return False
        return True

    async def answers(self, number: int) -> None:
        """Waits for as many answers, or for the end."""
        while len(STATUS.findall(self.received)) < number and await self._receive():
            pass

    async def end(self) -> None:
        """Waits until the service closes."""
        while await self._receive():
            pass

    def close_half(self) -> None:
        """Says that nothing more comes, and goes on listening."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Makes the coming close a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)

    async def _receive(self) -> bool:
        try:
            chunk = await self._loop.sock_recv(self._connection, 65536)
        except OSError:
            return False
        self.received += chunk
        return bool(chunk)


@dataclass(slots=True)
class Foe:
    """What every attack is given, and where each leaves what it got.

    Attributes:
        address: of the service.
        token: of a sink; some attacks come from a sender who may send.
        reader: a token of somebody who may ask.
        admin: a token of somebody who may look into the quarantine.
        flooder: a token of another sink, whose room in quarantine may be used up.
        crowd: how many connections an attack opens at once.
        tokens: how many bad tokens one attack with them tries.
        seed: of everything that is random.
        answers: by attack, the statuses, or `closed` for a connection that ended without one.
        received: everything that came back.
        stored: ids of notifications that an attack sent in good form, and that were answered 204.
    """

    address: str
    token: str
    reader: str
    admin: str
    flooder: str
    crowd: int
    tokens: int
    seed: Random
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    received: list[bytes] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    _count: int = 0

    def number(self) -> str:
        """A phone number that nobody else sends."""
        self._count += 1
        return f"{NUMBER}{self._count % 10_000:04}"

    def unknown_token(self) -> str:
        """One that nobody was given."""
        self._count += 1
        return f"{TOKEN}-{self._count:020}"

    @asynccontextmanager
    async def wire(
        self, attack: str, *, receive_bytes: int = 0, may_see: bool = False
    ) -> AsyncIterator[Wire]:
        """A connection for the length of the block, whose answers are counted at its end.

        Args:
            receive_bytes: of the buffer for answers; 0: as the system has it.
            may_see: whether the answers may hold what was sent, as those to a reader do.
        """
        place = urlsplit(self.address)
        with socket.socket() as connection:
            connection.setblocking(False)
            if receive_bytes:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            connection.bind((STRANGER, 0))
            wire = Wire(connection)
            async with asyncio.timeout(PATIENCE_SECONDS):
                with suppress(ConnectionError):
                    await asyncio.get_running_loop().sock_connect(
                        connection, (place.hostname, place.port)
                    )
                    yield wire
            statuses = [status.decode() for status in STATUS.findall(wire.received)]
            self.answers.setdefault(attack, Counter()).update(statuses or [NO_ANSWER])
            if not may_see:
                self.received.append(wire.received)

    async def throw(self, attack: str, *sent: bytes) -> None:
        """Sends each on a connection of its own, and waits until the service closes them."""

        async def throw_one(one: bytes) -> None:
            async with self.wire(attack) as wire:
                await wire.send(one)
                await wire.end()

        await asyncio.gather(*map(throw_one, sent))


def head(token: str, *lines: str, target: str = "/notifications", method: str = "POST") -> bytes:
    """Request line and headers; `lines` say how long the body is."""
    common = (f"{method} {target} HTTP/1.1", "Host: samarkand.example", "User-Agent: samarkand")
    authorization = f"Authorization: Bearer {token}"
    return "\r\n".join([*common, authorization, *lines, "", ""]).encode()


def request(
    token: str,
    body: bytes,
    *lines: str,
    target: str = "/notifications",
    connection: str = "close",
    media_type: str = "application/json",
) -> bytes:
    """A whole request with its right length."""
    length = f"Content-Length: {len(body)}"
    common = (f"Connection: {connection}", f"Content-Type: {media_type}", length)
    return head(token, *common, *lines, target=target) + body
