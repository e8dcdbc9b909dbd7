"""Gathering: whole POSTs to the sink go to the reception together, in portions.

They are answered without ASGI and without a task each. Any other request is the application's.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from starlette.types import ASGIApp
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from receiver.api.answers.exchange import Exchange, FirstHeaders
from receiver.api.answers.translation import answer_error
from receiver.api.wire.framing import FramingProtocol
from receiver.api.wire.request import AnswerHeads, Request
from receiver.ids import new_id
from receiver.portions import Portions, Rota

# The key in the server's state under which the application leaves its `Gathering`.
GATHERING = "receiver.gathering"


class Reception(Protocol):
    """What answers the requests that are gathered."""

    def may_wait_for(self, headers: FirstHeaders, length: int) -> bool:
        """Whether a request may be held until a body of that length is whole."""

    def receive(self, exchanges: Sequence[Exchange]) -> None:
        """Answers each request, now or later."""


class Due(Protocol):
    """A connection that has received what it has not read."""

    def read_received(self) -> None:
        """Reads it, unless it was read meanwhile."""


class Gathering:
    """Hands the whole POSTs of one path to the reception.

    Args:
        path: of the sink.
        rota: gives what is read and handed over its turns of the event loop.
    """

    def __init__(self, path: str, reception: Reception, rota: Rota) -> None:
        self.path = path
        self.reception = reception
        self._heads = AnswerHeads()
        self._due: Portions[Due] = Portions(_read, rota)
        self._whole = Portions(self._hand_over, rota)

    def read_soon(self, connection: Due) -> None:
        """Reads what a connection has received in one of the loop's next turns."""
        self._due.add((connection,))

    def add(self, request: Request) -> None:
        """Takes a whole request; it goes to the reception in one of the loop's next turns."""
        request.body = bytes(request.body)
        request.heads = self._heads
        self._whole.add((request,))

    def _hand_over(self, requests: Sequence[Request]) -> None:
        try:
            self.reception.receive(requests)
        except Exception as error:  # each caller is owed an answer
            for request in requests:
                if not request.response_complete:
                    request.respond(answer_error(error), new_id().encode())


def _read(connections: Sequence[Due]) -> None:
    for connection in connections:
        connection.read_received()


class GatheringProtocol(FramingProtocol):
    """uvicorn's protocol; it holds a POST to the sink until its body is whole.

    It holds it only while the rest is on its way and may be waited for: the body has a declared,
    small length and the head would be admitted. Any other request goes to the application at once.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._gathering: Gathering | None = self.app_state.get(GATHERING)
        self._held: Request | None = None
        self._was_gathered = False

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
        headers = self._held.headers
        declared = headers.get(b"content-length", b"")
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
            self.call(self.app, held)

    def call(self, app: ASGIApp, cycle: RequestResponseCycle) -> None:
        """Lets an ASGI application answer a request."""
        super()._start_asgi_task(cycle, app)  # type: ignore[arg-type] # uvicorn's own words for it

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        gathering = self._gathering
        if (
            gathering is not None
            and isinstance(cycle, Request)
            and cycle.target.path == gathering.path
            and cycle.method == b"POST"
            and not cycle.waiting_for_100_continue
        ):
            self._was_gathered = True
            if cycle.more_body:
                self._held = cycle
                if self.flow.read_paused:
                    # Nothing was read while the request waited behind another.
                    self.flow.resume_reading()
            else:
                gathering.add(cycle)
        else:
            self._was_gathered = False
            self.call(app, cycle)
