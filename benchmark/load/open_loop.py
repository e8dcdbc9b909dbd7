"""An open loop: requests leave at a fixed rate, however late earlier answers are.

A latency counts from when its request was due, not from when it could be sent, so that no wait is
left out (no coordinated omission).
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import httptools

from benchmark.load.notifications import STRUCTURED

HOST = "127.0.0.1"
# Enough for the first request to be on time.
LEAD_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one notification.

    Attributes:
        number: of the notification.
        due_seconds: from the beginning to when the notification was due.
        seconds: from then to the end of the answer.
        status: of HTTP; 0: there was no answer.
    """

    number: int
    due_seconds: float
    seconds: float
    status: int


def send(
    address: str,
    token: str,
    body: Callable[[int], bytes],
    *,
    rate: float,
    seconds: float,
    connections: int = 900,
    on_answer: Callable[[Answer], None] = lambda _: None,
) -> list[Answer]:
    """Sends notifications at a fixed rate and waits for every answer.

    Args:
        address: of the service, without a path.
        body: returns the notification of a number.
        rate: notifications a second.
        connections: requests that may be open at once; the next waits, and its latency grows.
    """
    sending = _Sender(address, token, body, connections, on_answer).send(rate, seconds)
    return _run(sending)


def find_percentile(values: list[float], share: float) -> float:
    """Returns the smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


class _Sender:
    def __init__(
        self,
        address: str,
        token: str,
        body: Callable[[int], bytes],
        connections: int,
        on_answer: Callable[[Answer], None],
    ) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or HOST, parts.port or 80
        self._head = (
            f"POST /notifications HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: {STRUCTURED}\r\nContent-Length: "
        ).encode()
        self._body = body
        self._free = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []
        self._on_answer = on_answer

    async def send(self, rate: float, seconds: float) -> list[Answer]:
        loop = asyncio.get_running_loop()
        begin = loop.time() + LEAD_SECONDS
        open_requests: list[asyncio.Task[Answer]] = []
        for number in range(round(rate * seconds)):
            pause = begin + number / rate - loop.time()
            if pause > 0:
                await asyncio.sleep(pause)
            open_requests.append(asyncio.create_task(self._one(number, begin, number / rate)))
        answers = await asyncio.gather(*open_requests)
        for connection in self._idle:
            connection.close()
        return answers

    async def _one(self, number: int, begin: float, due_seconds: float) -> Answer:
        body = self._body(number)
        request = b"%b%d\r\n\r\n%b" % (self._head, len(body), body)
        async with self._free:
            status = await self._exchange(request)
        seconds = asyncio.get_running_loop().time() - begin - due_seconds
        answer = Answer(number, due_seconds, seconds, status)
        self._on_answer(answer)
        return answer

    async def _exchange(self, request: bytes) -> int:
        try:
            connection = await self._connection()
        except OSError:
            return 0
        status = await connection.exchange(request)
        if connection.is_open:
            self._idle.append(connection)
        return status

    async def _connection(self) -> "_Connection":
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port)
        return connection


class _Connection(asyncio.Protocol):
    """One connection with one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._status: asyncio.Future[int] | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes) -> int:
        """Returns the status of the answer; 0: the connection ended before it."""
        self._status = asyncio.get_running_loop().create_future()
        if self._transport is None or not self.is_open:
            return 0
        self._transport.write(request)
        return await self._status

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        # The parser reads every message of the connection.
        self._settle(self._parser.get_status_code())
        if not self._parser.should_keep_alive():
            self.close()

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._settle(0)

    def _settle(self, status: int) -> None:
        if self._status is not None and not self._status.done():
            self._status.set_result(status)


def _run(sending: Coroutine[None, None, list[Answer]]) -> list[Answer]:
    # `select` waits to the microsecond, where epoll would add up to a millisecond to all.
    loop = partial(asyncio.SelectorEventLoop, selectors.SelectSelector())
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(sending)
