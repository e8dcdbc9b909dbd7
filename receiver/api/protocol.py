"""uvicorn's HTTP parser with bounds on connections and heads; its own answers are `ErrorInfo`."""

import asyncio
import json
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from receiver.api.answers import COUNT_ANSWER
from receiver.api.translation import translated
from receiver.errors import ConnectionsFull, HeadTooLarge, HeadTooSlow, NotHttp, ReceiverError

# Apart from uvicorn's own, so that a line for each bad request can be left out of the log.
LOGGER = "uvicorn.error.connections"


@dataclass(frozen=True, slots=True)
class HeadBounds:
    """What the request line and the headers of one request may take.

    Attributes:
        timeout_seconds: from the connection, or the first byte of a later request, to their end.
        limit_bytes: counted as received, except for what comes with the last of them.
    """

    timeout_seconds: float
    limit_bytes: int


class ServerConfig(uvicorn.Config):
    """uvicorn's configuration with the bounds its protocol keeps.

    Attributes:
        waiting: the connections that wait for a request or its head, the longest first.

    Args:
        connection_limit: how many a process holds at once.
    """

    def __init__(
        self, app: str, *, head: HeadBounds, connection_limit: int, **options: Any
    ) -> None:
        super().__init__(app, http=Protocol, **options)
        self.head = head
        self.connection_limit = connection_limit
        self.waiting: OrderedDict[Protocol, None] = OrderedDict()


class Protocol(HttpToolsProtocol):
    """Ends what is one connection too many, or sends its head too slowly or without end.

    Nothing of it reaches the application.
    """

    def __init__(
        self,
        config: ServerConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = logging.getLogger(LOGGER)
        self._bounds = config.head
        self._connection_limit = config.connection_limit
        self._waiting = config.waiting
        self._head_bytes = 0
        self._head_deadline: asyncio.TimerHandle | None = None
        self._rest_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._connection_limit:
            if not self._waiting:
                self._make_room()
                return
            next(iter(self._waiting))._make_room()
        self._waiting[self] = None
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_arrived()
        self._rest_ended()
        self._waiting.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_deadline is not None:
            if self._head_bytes == 0 and self in self._waiting:
                # What has begun has waited least; what then trickles is not moved again.
                self._waiting.move_to_end(self)
            self._head_bytes += len(data)
            if self._head_bytes > self._bounds.limit_bytes:
                self._refuse(HeadTooLarge("The request line and headers are over the limit"))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._rest_ended()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._head_arrived()
        self._waiting.pop(self, None)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # Else the head of the next request is here already, or nothing follows.
        if self.cycle.response_complete and not self.transport.is_closing():
            self._waiting[self] = None
            if self.cycle.more_body:
                # uvicorn forgets its own timer over a body that comes after the answer.
                self._rest_deadline = self.loop.call_later(
                    self.timeout_keep_alive, self.timeout_keep_alive_handler
                )

    def send_400_response(self, msg: str) -> None:
        """Answers what is not HTTP; `msg` is uvicorn's own sentence, never what was sent."""
        self._refuse(NotHttp(msg))

    def _await_head(self) -> None:
        if self._head_deadline is None:
            self._head_bytes = 0
            self._head_deadline = asyncio.get_running_loop().call_later(
                self._bounds.timeout_seconds, self._head_is_late
            )

    def _head_is_late(self) -> None:
        self._refuse(HeadTooSlow("The request line and headers took too long"))

    def _head_arrived(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _rest_ended(self) -> None:
        if self._rest_deadline is not None:
            self._rest_deadline.cancel()
            self._rest_deadline = None

    def _make_room(self) -> None:
        """Closes a connection that waits for a request, or that came when none did."""
        has_begun = self._head_deadline is not None and self._head_bytes > 0
        is_idle = self in self._waiting and not has_begun
        self._waiting.pop(self, None)
        self.connections.discard(self)
        if is_idle:
            self.transport.close()
        else:
            self._refuse(ConnectionsFull("Too many connections are open"))

    def _refuse(self, error: ReceiverError) -> None:
        self._head_arrived()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            status, answer = _answer(error)
            self.transport.write(answer)
            self.app_state[COUNT_ANSWER]("connection", status, error.word)
        self.transport.close()


def _answer(error: ReceiverError) -> tuple[int, bytes]:
    status, code, headers = translated(error)
    body = json.dumps({"status": int(status), "code": code, "message": str(error)})
    lines = [
        f"HTTP/1.1 {int(status)} {status.phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        f"x-correlator: {uuid4()}",
        "connection: close",
        *(f"{name.lower()}: {value}" for name, value in headers.items()),
    ]
    return int(status), "\r\n".join([*lines, "", body]).encode()
