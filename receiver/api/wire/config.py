"""uvicorn's configuration, with the bounds that the protocol keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from pydantic import BaseModel
from starlette.types import ASGIApp

from receiver.api.wire.places import Places
from receiver.lazy import FASTAPI, load, paused_collector


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


class ServerConfig(uvicorn.Config):
    """uvicorn's configuration with the bounds its protocol keeps.

    Attributes:
        places: of the connections of this process.

    Args:
        connection_limit: how many connections a process holds at once, beside a few for probes.
    """

    def __init__(
        self, app: ASGIApp | str, *, request: RequestBounds, connection_limit: int, **options: Any
    ) -> None:
        super().__init__(app, **options)
        self.request = request
        self.places = Places(connection_limit)

    def load(self) -> None:
        """Imports and makes the application."""
        with paused_collector():
            with models_built_at_first_use():
                # Its models are those of the OpenAPI document, which few ask for.
                load(FASTAPI)
            super().load()


@contextmanager
def models_built_at_first_use() -> Iterator[None]:
    """Lets pydantic build the models that are declared in the block when they are first used.

    FastAPI spends a third of its import on building its own.
    """
    before = BaseModel.model_config
    BaseModel.model_config = {**before, "defer_build": True}
    try:
        yield
    finally:
        BaseModel.model_config = before
