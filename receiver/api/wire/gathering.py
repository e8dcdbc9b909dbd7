"""Gathering: whole POSTs to the sink of one turn of the event loop go to the reception together.

They are answered without ASGI and without a task each. Any other request is the application's.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from receiver.api.answers.correlator import HEADER
from receiver.api.answers.exchange import Answer, Exchange, Headers
from receiver.api.answers.translation import answer_error
from receiver.api.wire.framing import FramingProtocol
from receiver.ids import new_id

# The key in the server's state under which the application leaves its `Gathering`.
GATHERING = "receiver.gathering"

# Requests in one turn. More of them would keep the commit of the first ones waiting, and then
# Postgres waits for us and we for Postgres (measured with `python -m benchmark`: 32 is best).
TURN_SIZE = 32


class Reception(Protocol):
    """What answers the requests that are gathered."""

    def may_wait_for(self, headers: Headers, length: int) -> bool:
        """Whether a request may be held until a body of that length is whole."""

    def receive(self, exchanges: Sequence[Exchange]) -> None:
        """Answers each request, now or later."""


class PendingRequest:
    """A request without an answer, and the application that answers it unless it is gathered."""

    __slots__ = ("_gathering", "app", "body", "connection", "cycle", "scope")

    def __init__(
        self,
        connection: "GatheringProtocol",
        cycle: RequestResponseCycle,
        app: ASGIApp,
        gathering: "Gathering",
    ) -> None:
        self.connection = connection
        self.cycle = cycle
        self.app = app
        self.scope: Scope = cycle.scope  # type: ignore[assignment] # uvicorn's own words for it
        self.body = b""
        self._gathering = gathering

    async def read_body(self, limit_bytes: int) -> bytes:
        """Returns the body, which is whole; the reception knows its limit."""
        return self.body

    def respond(self, answer: Answer, correlator: bytes) -> None:
        """Writes the answer as uvicorn would."""
        cycle = self.cycle
        transport = cycle.transport
        if cycle.disconnected or transport.is_closing():
            return
        head = self._gathering.head_of(answer, cycle.default_headers)
        end = b"\r\n\r\n" if cycle.keep_alive else b"\r\nconnection: close\r\n\r\n"
        cycle.response_started = cycle.response_complete = True
        transport.write(head + correlator + end + answer.body)
        if not cycle.keep_alive:
            transport.close()
        cycle.on_response()
        # As uvicorn does: else request and connection would hold one another.
        cycle.on_response = _do_nothing

    def forward(self) -> None:
        """Lets the application answer."""
        self.connection.call(self.app, self.cycle)


class Gathering:
    """Hands the whole POSTs of one path to the reception.

    Args:
        path: of the sink.
    """

    def __init__(self, path: str, reception: Reception) -> None:
        self.path = path
        self.reception = reception
        self._whole: list[PendingRequest] = []
        self._head: tuple[Answer | None, Headers | None, bytes] = (None, None, b"")

    def add(self, request: PendingRequest) -> None:
        """Takes a whole request; it goes to the reception in one of the loop's next turns."""
        request.body = bytes(request.cycle.body)
        if not self._whole:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._whole.append(request)

    def head_of(self, answer: Answer, headers: Headers) -> bytes:
        """Returns the head of an answer up to its correlator.

        Args:
            headers: the server's own; uvicorn makes them anew once a second.
        """
        known_answer, known_headers, head = self._head
        if answer is not known_answer or headers is not known_headers:
            lines = [b"%b: %b\r\n" % header for header in (*headers, *answer.headers)]
            head = b"".join([STATUS_LINE[answer.status], *lines, HEADER, b": "])
            self._head = (answer, headers, head)
        return head

    def _hand_over(self) -> None:
        requests, self._whole = self._whole[:TURN_SIZE], self._whole[TURN_SIZE:]
        if self._whole:
            # After what these requests set off: their commit begins before the next are read.
            asyncio.get_running_loop().call_soon(self._hand_over)
        try:
            self.reception.receive(requests)
        except Exception as error:  # each caller is owed an answer
            for request in requests:
                if not request.cycle.response_complete:
                    request.respond(answer_error(error), new_id().encode())


class GatheringProtocol(FramingProtocol):
    """uvicorn's protocol; it holds a POST to the sink until its body is whole.

    It holds it only while the rest is on its way and may be waited for: the body has a declared,
    small length and the head would be admitted. Any other request goes to the application at once.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._gathering: Gathering | None = self.app_state.get(GATHERING)
        self._held: PendingRequest | None = None

    def gather_nothing(self) -> None:
        """Leaves every request of the connection to its application."""
        self._gathering = None

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._release()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._held is not None and not self._may_wait():
            self._release()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        held = self._held
        if held is not None and self._gathering is not None:
            self._held = None
            self._gathering.add(held)

    def _may_wait(self) -> bool:
        if self._held is None or self._gathering is None:
            return False
        headers = self._held.scope["headers"]
        declared = next((value for name, value in headers if name == b"content-length"), b"")
        if not declared.isdigit():
            return False
        length = int(declared)
        # uvicorn reads no further until the application takes a body that is larger.
        if length > HIGH_WATER_LIMIT:
            return False
        return self._gathering.reception.may_wait_for(headers, length)

    def _release(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            held.forward()

    def call(self, app: ASGIApp, cycle: RequestResponseCycle) -> None:
        """Lets an ASGI application answer a request."""
        super()._start_asgi_task(cycle, app)  # type: ignore[arg-type] # uvicorn's own words for it

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        scope, gathering = cycle.scope, self._gathering
        if (
            gathering is not None
            and scope["path"] == gathering.path
            and scope["method"] == "POST"
            and not cycle.waiting_for_100_continue
        ):
            request = PendingRequest(self, cycle, app, gathering)
            if cycle.more_body:
                self._held = request
                if self.flow.read_paused:
                    # Nothing was read while the request waited behind another.
                    self.flow.resume_reading()
            else:
                gathering.add(request)
        else:
            self.call(app, cycle)


def _do_nothing() -> None:
    pass
