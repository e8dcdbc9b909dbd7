"""A real sink on loopback, in a thread of its own, that answers as a test wants."""

import asyncio
import re
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TOKEN = "a-sink-token"  # noqa: S105 - opens nothing but this sink

NUMBER = re.compile(rb'"(?:phoneNumber|msisdn)": ?"\+?([0-9]{15})"')

Answer = Callable[[bytes, dict[str, str]], Awaitable[Response]]


async def take(_: bytes, __: dict[str, str]) -> Response:
    return Response(status_code=204)


@dataclass(slots=True)
class Sink:
    """A server that keeps what it was sent; `answer` may be exchanged by a test."""

    answer: Answer = take
    url: str = ""
    received: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    most_under_way: Counter[str] = field(default_factory=Counter)

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        self.received.append((body, dict(request.headers)))
        for key in (number(body), "all"):
            self.under_way[key] += 1
            self.most_under_way[key] = max(self.most_under_way[key], self.under_way[key])
        # A varying number of turns of the loop, so that answers overtake one another.
        for _ in range(len(self.received) * 7 % 11):
            await asyncio.sleep(0)
        answer = await self.answer(body, dict(request.headers))
        for key in (number(body), "all"):
            self.under_way[key] -= 1
        return answer


def number(body: bytes) -> str:
    """The phone number in a body, as it is stored; empty where there is none to be read."""
    found = NUMBER.search(body)
    return f"+{found[1].decode()}" if found else ""


@contextmanager
def listening() -> Iterator[Sink]:
    sink = Sink()
    app = Starlette(routes=[Route("/sink", sink.receive, methods=["POST"])])
    config = uvicorn.Config(app, lifespan="off", ws="none", log_level="critical", loop="asyncio")
    server = uvicorn.Server(config)
    # asyncio turns Nagle's algorithm off only where the socket names its protocol.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        # Before the thread runs: an early request waits in the backlog, and the test for nothing.
        listener.listen()
        sink.url = f"http://127.0.0.1:{listener.getsockname()[1]}/sink"
        thread = threading.Thread(target=server.run, args=([listener],), name="sink")
        thread.start()
        yield sink
        server.should_exit = True
        thread.join()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A sink that answers 204 until a test exchanges its answer."""
    with listening() as sink:
        yield sink
