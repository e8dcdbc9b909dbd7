"""uvicorn's HTTP parser with bounds on request heads, whose own answers are `ErrorInfo` too."""

import asyncio
import json
from collections.abc import Sized
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

# How many requests may wait behind the one that is being answered; few clients send even one.
PIPELINE_LIMIT = 100


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
    """uvicorn's configuration with the bounds its protocol keeps."""

    def __init__(self, app: str, *, head: HeadBounds, **options: Any) -> None:
        super().__init__(app, http=Protocol, **options)
        self.head = head


class Flow(FlowControl):
    """uvicorn's, but nothing more is read while requests wait for those before them.

    Else each answer would let in another chunk full of requests.
    """

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


class Protocol(HttpToolsProtocol):
    """Ends what sends its head too slowly or without end; nothing of it reaches the application.

    What came in good form before it, on the same connection, is answered first.
    """

    def __init__(
        self,
        config: ServerConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._bounds = config.head
        self._head_bytes = 0
        self._head_deadline: asyncio.TimerHandle | None = None
        self._shares_chunk = False
        self._refusal: bytes | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = Flow(transport, self.pipeline)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            return
        self._shares_chunk = False
        super().data_received(data)
        if self._head_deadline is not None and not self._shares_chunk:
            self._head_bytes += len(data)
            if self._head_bytes > self._bounds.limit_bytes:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._head_arrived()
        if len(self.pipeline) >= PIPELINE_LIMIT:
            raise OverflowError("too many requests wait for an answer")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        # What begins behind it, in the same chunk, is not counted by the length of that.
        self._shares_chunk = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self._refusal is not None and not self.pipeline:
            self.transport.write(self._refusal)
            self.transport.close()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answers what is not HTTP; `msg` is uvicorn's own sentence, never what was sent."""
        self._refuse(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", msg)

    def _await_head(self) -> None:
        if self._head_deadline is None:
            self._head_bytes = 0
            self._head_deadline = asyncio.get_running_loop().call_later(
                self._bounds.timeout_seconds, self._head_is_late
            )

    def _head_is_late(self) -> None:
        self._head_deadline = None
        if self.flow.read_paused:
            # It may be there for long: it is we who do not read it yet.
            self._await_head()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _head_arrived(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _refuse(self, status: HTTPStatus, code: str = "", message: str = "") -> None:
        self._head_arrived()
        if self.transport.is_closing():
            return
        answer = _answer(status, code, message)
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(answer)
            self.transport.close()
        elif self.cycle.more_body and not self.pipeline:
            # The body of the very request that is being served, which gets no other answer.
            if not self.cycle.response_started:
                self.cycle.disconnected = True
                self.transport.write(answer)
            self.transport.close()
        else:
            if self.cycle.more_body:
                self.pipeline.popleft()
            self._refusal = answer


def _answer(status: HTTPStatus, code: str, message: str) -> bytes:
    phrase = status.phrase
    error = {
        "status": int(status),
        "code": code or phrase.upper().replace(" ", "_"),
        "message": message or phrase,
    }
    body = json.dumps(error)
    return (
        f"HTTP/1.1 {int(status)} {phrase}\r\n"
        "content-type: application/json\r\n"
        f"content-length: {len(body)}\r\n"
        f"x-correlator: {uuid4()}\r\n"
        f"connection: close\r\n\r\n{body}"
    ).encode()
