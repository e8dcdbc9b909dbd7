"""The short way: requests that are whole when they are seen are answered without tasks, past ASGI.

It is for what nearly all requests of one path are; any other goes the long way, from its start.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from starlette.types import ASGIApp
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from receiver.api.answers.correlator import HEADER

# The key in the server's state under which the application leaves its `ShortWay`, if it has one.
SHORT_WAY = "receiver.short_way"

# How many are taken at most before something else has its turn.
TOGETHER = 32

# As ASGI gives them.
Headers = Sequence[tuple[bytes, bytes]]

# With all of its body.
Request = tuple[Headers, bytes]


class Taken(NamedTuple):
    """What a request that was taken waits for.

    Attributes:
        stored: done when it may be answered 204, or failed.
        correlator: of the request, well formed.
    """

    stored: asyncio.Future[None]
    correlator: bytes


class Held(NamedTuple):
    """A request that nothing answers yet, and the application that does unless it is taken."""

    connection: "ShortWayProtocol"
    cycle: RequestResponseCycle
    app: ASGIApp


class ShortWay:
    """What is done for the POSTs of one path in place of calling the application.

    Requests that become whole in one turn of the loop are taken together, which costs less; but not
    too many, or Postgres would wait for us and then we for Postgres.

    Args:
        path: which.
        awaits: whether a request of these headers, with a body of so many bytes, is likely to be
            taken once it is whole.
        take: takes requests in; None in place of one: nothing was done for it.
        answered: told how many were answered 204.
        failed: gives what answers in place of the 204, told of the error and the correlator.
    """

    def __init__(
        self,
        path: str,
        awaits: Callable[[Headers, int], bool],
        take: Callable[[Sequence[Request]], Sequence[Taken | None]],
        answered: Callable[[int], None],
        failed: Callable[[BaseException, bytes], ASGIApp],
    ) -> None:
        self.path = path
        self.awaits = awaits
        self._take = take
        self._answered = answered
        self._failed = failed
        self._whole: list[Held] = []
        self._answers = 0
        self._head: tuple[list[tuple[bytes, bytes]] | None, bytes] = (None, b"")

    def add(self, whole: Held) -> None:
        """Takes what is whole, or calls the application for it, in one of the loop's next turns."""
        if not self._whole:
            asyncio.get_running_loop().call_soon(self._take_some)
        self._whole.append(whole)

    def _take_some(self) -> None:
        requests, self._whole = self._whole[:TOGETHER], self._whole[TOGETHER:]
        if self._whole:
            # After what these set off: their commit is under way while the next are read.
            asyncio.get_running_loop().call_soon(self._take_some)
        for whole, taken in zip(requests, self._taken(requests), strict=True):
            if taken is None:
                whole.connection.call(whole.app, whole.cycle)
            else:
                taken.stored.add_done_callback(partial(self._answer, whole, taken.correlator))

    def _taken(self, requests: Sequence[Held]) -> Sequence[Taken | None]:
        try:
            return self._take(
                [(cycle.scope["headers"], bytes(cycle.body)) for _, cycle, _ in requests]  # type: ignore[misc] # a list
            )
        except Exception:  # each of them is owed an answer, and the application gives one
            return [None] * len(requests)

    def _answer(self, whole: Held, correlator: bytes, stored: asyncio.Future[None]) -> None:
        error = stored.exception()
        if error is not None:
            whole.connection.call(self._failed(error, correlator), whole.cycle)
            return
        if not self._answers:
            asyncio.get_running_loop().call_soon(self._tell)
        self._answers += 1
        cycle = whole.cycle
        if cycle.disconnected or cycle.transport.is_closing():
            return
        head, end = self._head_with(cycle.default_headers), b"\r\n\r\n"
        if not cycle.keep_alive:
            end = b"\r\nconnection: close\r\n\r\n"
        cycle.response_started = cycle.response_complete = True
        cycle.transport.write(head + correlator + end)
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        # As uvicorn does: else it and its connection would hold one another.
        cycle.on_response = _nothing

    def _tell(self) -> None:
        answers, self._answers = self._answers, 0
        self._answered(answers)

    def _head_with(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        """An answer up to its correlator; made once for each list, which is once a second."""
        known, head = self._head
        if headers is not known:
            lines = [b"%b: %b\r\n" % header for header in headers]
            head = b"".join([STATUS_LINE[204], *lines, HEADER, b": "])
            self._head = (headers, head)
        return head


class ShortWayProtocol(HttpToolsProtocol):
    """uvicorn's protocol; it holds a request of the path until it is whole.

    It does so while more of it was not read yet, or may be waited for; nobody waits for the body of
    a request that would be refused for its headers, or for one of many pieces.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._short_way: ShortWay | None = self.app_state.get(SHORT_WAY)
        self._held: Held | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._release()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._held is not None and not self._may_wait():
            self._release()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._held is not None and self._short_way is not None:
            held, self._held = self._held, None
            self._short_way.add(held)

    def _may_wait(self) -> bool:
        said = next((value for name, value in self.headers if name == b"content-length"), b"")
        if self._short_way is None or not said.isdigit():
            return False
        length = int(said)
        # Beyond that somebody has to take what was read, or nothing more is.
        return length <= HIGH_WATER_LIMIT and self._short_way.awaits(self.headers, length)

    def _release(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self.call(held.app, held.cycle)

    def call(self, app: ASGIApp, cycle: RequestResponseCycle) -> None:
        """Lets an ASGI application answer a request."""
        super()._start_asgi_task(cycle, app)  # type: ignore[arg-type] # uvicorn's own words for it

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        scope = cycle.scope
        if (
            self._short_way is not None
            and scope["path"] == self._short_way.path
            and scope["method"] == "POST"
            and not cycle.waiting_for_100_continue
        ):
            held = Held(self, cycle, app)
            if cycle.more_body:
                self._held = held
                # Nothing was read while it waited behind another.
                self.flow.resume_reading()
            else:
                self._short_way.add(held)
        else:
            self.call(app, cycle)


def _nothing() -> None:
    pass
