"""The places of a process: how many connections it holds, and which one makes room for another.

    a new connection while                     what happens
    -----------------------------------------  ---------------------------------------------------
    an ordinary place is free                  it has the place
    all are taken, some answers are unread     the longest unread one ends, the new one has its
                                               place
    all are taken, some wait for a request     the one that waits longest ends, likewise
    all are taken by requests                  it has a place that is kept back, for a probe alone
    those are taken too, some without request  the one that waits longest ends, likewise
    those are taken by probes                  it is refused: 503 connections-full

Whoever restarts a process that hangs must get an answer also while every request waits for the
database. A place that is kept back is one for one answer, and any other call than a probe is 503.
"""

from collections import OrderedDict
from collections.abc import Collection
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from receiver.api.answers.correlator import HEADER, choose_correlator
from receiver.api.answers.exchange import COUNT_ANSWER
from receiver.api.answers.translation import answer_error
from receiver.errors import ConnectionsFull

# The key in the server's state under which the application leaves the paths of its probes.
PROBES = "receiver.probes"

# Places kept back: probes of an orchestrator and of two proxies, each asking twice at once.
KEPT_BACK = 8

CLOSE = (b"connection", b"close")


class Place(Protocol):
    """A connection that has a place."""

    @property
    def has_no_request(self) -> bool:
        """Whether no head has arrived whole."""

    def make_room(self) -> None:
        """Ends for the sake of a newer one."""


class Places:
    """Finds a place for each connection of a process.

    Args:
        limit: of ordinary places.

    Attributes:
        waiting: the ordinary connections that wait for a request or its head, the longest first.
        unread: the connections whose caller does not read its answers, the longest first.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.waiting: OrderedDict[Place, None] = OrderedDict()
        self.unread: OrderedDict[Place, None] = OrderedDict()
        self._kept_back: dict[Place, None] = {}

    def take_ordinary(self, connections: Collection[object]) -> bool:
        """Returns whether the newest connection has an ordinary place; another may end for it.

        Args:
            connections: all of them, the newest included.
        """
        if not self._are_taken(connections):
            return True
        others = self.unread or self.waiting
        if others:
            next(iter(others)).make_room()
        return not self._are_taken(connections)

    def take_kept_back(self, connection: Place) -> bool:
        """Returns whether a connection has a place that is kept back; another may end for it."""
        if len(self._kept_back) >= KEPT_BACK:
            silent = next((each for each in self._kept_back if each.has_no_request), None)
            if silent is None:
                return False
            del self._kept_back[silent]
            silent.make_room()
        self._kept_back[connection] = None
        return True

    def leave(self, connection: Place) -> None:
        """Forgets a connection that has ended."""
        self.waiting.pop(connection, None)
        self._kept_back.pop(connection, None)

    def _are_taken(self, connections: Collection[object]) -> bool:
        return len(connections) - len(self._kept_back) > self.limit


class ProbesAlone:
    """Answers a request on a place that is kept back, and ends its connection.

    Args:
        app: answers probes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_last(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], CLOSE]
            await send(message)

        if scope["path"] in scope["state"].get(PROBES, ()):
            await self._app(scope, receive, send_last)
            return
        answer = answer_error(ConnectionsFull("Too many connections are open"))
        scope["state"][COUNT_ANSWER]("connection", answer.status, answer.reason)
        headers = [*answer.headers, (HEADER, choose_correlator(scope["headers"]))]
        start = {"type": "http.response.start", "status": answer.status, "headers": headers}
        await send_last(start)
        await send({"type": "http.response.body", "body": answer.body})
