"""uvicorn's configuration, with the bounds that the protocol keeps."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Protocol

import uvicorn
from starlette.types import ASGIApp

from receiver.lazy import paused_collector


@dataclass(frozen=True, slots=True)
class RequestBounds:
    """Bounds on the arrival of one request.

    Attributes:
        head_timeout_seconds: from the connection, or the first byte of a later request, to the
            end of its headers.
        head_limit_bytes: request line and headers, counted as received, except for what comes
            with the last of them.
        body_timeout_seconds: from the end of the headers to the last byte.
        answer_timeout_seconds: the longest time in which the caller reads nothing of its answer.
    """

    head_timeout_seconds: float
    head_limit_bytes: int
    body_timeout_seconds: float
    answer_timeout_seconds: float


class Waiting(Protocol):
    """A connection that waits for a request or its head."""

    def make_room(self) -> None:
        """Ends for the sake of a newer one."""


class ServerConfig(uvicorn.Config):
    """uvicorn's configuration with the bounds its protocol keeps.

    Attributes:
        waiting: the connections that wait for a request or its head, the longest first.
        unread: the connections whose caller does not read its answers, the longest first.

    Args:
        connection_limit: how many a process holds at once.
    """

    def __init__(
        self, app: ASGIApp | str, *, request: RequestBounds, connection_limit: int, **options: Any
    ) -> None:
        super().__init__(app, **options)
        self.request = request
        self.connection_limit = connection_limit
        self.waiting: OrderedDict[Waiting, None] = OrderedDict()
        self.unread: OrderedDict[Waiting, None] = OrderedDict()

    def load(self) -> None:
        """Imports and makes the application."""
        with paused_collector():
            super().load()
