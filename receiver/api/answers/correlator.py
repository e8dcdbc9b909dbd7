"""`x-correlator` on every response: echoed when it is well formed, made when it is not."""

import re

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from receiver.api.answers.exchange import Headers
from receiver.ids import new_id

HEADER = b"x-correlator"

# Commonalities r4.2, CAMARA_common.yaml; `fullmatch`, because `$` lets a last newline through.
_WELL_FORMED = re.compile(rb"[a-zA-Z0-9\-_:;./<>{}]{1,256}")


class Correlator:
    """ASGI middleware for all but the sink, which correlates by itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlator = choose_correlator(scope["headers"])
        bind(correlator)
        header = (HEADER, correlator)

        async def send_with_correlator(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], header]
            await send(message)

        await self._app(scope, receive, send_with_correlator)


def choose_correlator(headers: Headers) -> bytes:
    """Returns the correlator that was sent, or a new one."""
    sent = next((value for name, value in headers if name == HEADER), b"")
    return sent if is_well_formed(sent) else new_id().encode()


def is_well_formed(sent: bytes) -> bool:
    """Whether a correlator that was sent may be echoed."""
    return _WELL_FORMED.fullmatch(sent) is not None


def bind(correlator: bytes) -> None:
    """From here on it stands in the log lines of this request, which is a task of its own."""
    # Never taken back: the task has a context of its own too.
    structlog.contextvars.bind_contextvars(correlator=correlator.decode())
