"""HTTP/1.1 with bounds on connections and requests; the wire's own answers are `ErrorInfo`.

A request that arrives in one piece pays next to nothing for its bounds: a timer runs only while
a part is missing.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from uvicorn.server import ServerState

from receiver.api.wire.config import ServerConfig
from receiver.api.wire.flow import Backlog, Flow
from receiver.api.wire.places import ProbesAlone
from receiver.api.wire.refusing import RefusingProtocol
from receiver.errors import (
    BodyTooSlow,
    ConnectionsFull,
    HeadTooLarge,
    HeadTooSlow,
    ReceiverError,
)

# A logger of its own, so that the log can leave out a line for each bad request.
LOGGER = "uvicorn.error.connections"

# Requests that may wait behind the one that is being answered. Few clients pipeline at all; a
# hundred small requests fit into one read of 64 KiB.
PIPELINE_LIMIT = 100

# How long a stop waits for a request of a connection that has none: what its sender sends may be on
# its way, and a connection that is closed meanwhile loses it. The answer says that it is the last.
LAST_REQUEST_SECONDS = 0.5

# The key in the server's state under which the application leaves what ends its endless answers; it
# is called as the stop begins, once for each connection.
STOP = "receiver.stop"


class BoundedHttpProtocol(RefusingProtocol):
    """Ends a connection that is one too many, or that sends a request too slowly or without end."""

    def __init__(
        self,
        config: ServerConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = logging.getLogger(LOGGER)
        self._bounds = config.request
        self._places = config.places
        self._waiting = config.places.waiting
        self._backlog: Backlog
        self._head_is_open = True
        self._head_bytes = 0
        self._shares_chunk = False
        self._deadline: asyncio.TimerHandle | None = None
        self._idle_since = 0.0
        self._is_stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # TCP only
        super().connection_made(transport)
        self.flow = Flow(transport, self.pipeline, self._reading_resumed)
        seconds = self._bounds.answer_timeout_seconds
        self._backlog = Backlog(self, transport, self._places.unread, seconds)
        if self._places.take_ordinary(self.connections):
            self._waiting[self] = None
        elif self._places.take_kept_back(self):
            self.gather_nothing()
            self.app = ProbesAlone(self.app)
        else:
            self.make_room()
            return
        self._expect(self._bounds.head_timeout_seconds, self._head_is_late)

    def shutdown(self) -> None:
        """Ends the connection after what it is answered; an idle one has time for a request."""
        self.app_state.get(STOP, _stop_nothing)()
        self._is_stopping = True
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LAST_REQUEST_SECONDS, super().shutdown)
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.flow.pause_reading()
        self._backlog.begin()

    def resume_writing(self) -> None:
        self._backlog.end()
        super().resume_writing()
        self.flow.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        self._backlog.end()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        self._places.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            return
        if self._head_bytes == 0 and self in self._waiting:
            # The first bytes of a request make its connection the newest; later bytes do not.
            self._waiting.move_to_end(self)
        self._shares_chunk = False
        super().data_received(data)
        if self._head_is_open:
            if not self._shares_chunk:
                self._head_bytes += len(data)
            if self._head_bytes > self._bounds.head_limit_bytes:
                self._refuse(HeadTooLarge("The request line and headers are over the limit"))
            else:
                self._expect(self._bounds.head_timeout_seconds, self._head_is_late)
        elif self.cycle is not None and self.cycle.more_body:
            self._expect(self._bounds.body_timeout_seconds, self._body_is_late)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_is_open = True

    def on_headers_complete(self) -> None:
        self._head_is_open = False
        self._head_bytes = 0
        self._expect_nothing()
        self._waiting.pop(self, None)
        if len(self.pipeline) >= PIPELINE_LIMIT:
            raise OverflowError("too many requests wait for an answer")
        super().on_headers_complete()
        if self._is_stopping and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():  # only its head ended: it offers to upgrade
            return
        # The next request's head shares this chunk: do not charge it for the whole chunk.
        self._shares_chunk = True
        self._expect_nothing()
        super().on_message_complete()
        if self.cycle is not None:
            # uvicorn does not reset it where the answer came before the end of the body.
            self.cycle.more_body = False

    def on_response_complete(self) -> None:
        # As uvicorn does, but one timer serves all idle times of a connection.
        self.server_state.total_requests += 1
        if self._refusal is not None and not self.pipeline:
            self._end_with(self._refusal)
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._idle_since = self.loop.time()
            self._close_when_idle_for(self.timeout_keep_alive)
        # A request that is not complete here is the next one, whose head has arrived.
        if self.cycle.response_complete:
            self._waiting[self] = None

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if not self._is_idle or self.transport.is_closing():
            # The next answer starts the timer again.
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._close_when_idle_for(left)
        else:
            self.transport.close()

    def _close_when_idle_for(self, seconds: float) -> None:
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                seconds, self.timeout_keep_alive_handler
            )

    @property
    def has_no_request(self) -> bool:
        """Whether no head has arrived whole."""
        return self.cycle is None

    @property
    def _is_idle(self) -> bool:
        return self in self._waiting and self._head_bytes == 0

    def _expect(self, timeout_seconds: float, late: Callable[[], None]) -> None:
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(timeout_seconds, late)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _reading_resumed(self) -> None:
        if self._head_is_open and self._deadline is not None:
            # The sender is not charged for the time in which nobody read.
            self._expect_nothing()
            self._expect(self._bounds.head_timeout_seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        self._deadline = None
        if self.flow.read_paused:
            # The head may have arrived long ago: we do not read it yet.
            self._expect(self._bounds.head_timeout_seconds, self._head_is_late)
        else:
            self._refuse(HeadTooSlow("The request line and headers took too long"))

    def _body_is_late(self) -> None:
        self._deadline = None
        if self.flow.read_paused:
            self._expect(self._bounds.body_timeout_seconds, self._body_is_late)
        elif self.cycle.response_complete:
            self.transport.close()
        else:
            self._refuse(BodyTooSlow("The body took too long"))

    def make_room(self) -> None:
        """Closes this connection for the sake of a newer one, or refuses the newest one."""
        is_idle = self._is_idle
        self._waiting.pop(self, None)
        self.connections.discard(self)
        if self in self._places.unread:
            # Closing would wait for the caller to read.
            self.transport.abort()
        elif is_idle:
            self.transport.close()
        else:
            self._refuse(ConnectionsFull("Too many connections are open"))

    def _refuse(self, error: ReceiverError) -> None:
        self._expect_nothing()
        super()._refuse(error)


def _stop_nothing() -> None:
    pass
