"""`x-correlator` on every response: echoed when it is well formed, made when it is not."""

import re
from secrets import token_hex

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-correlator"

# Commonalities r4.2, CAMARA_common.yaml; `fullmatch`, because `$` lets a last newline through.
_WELL_FORMED = re.compile(rb"[a-zA-Z0-9\-_:;./<>{}]{1,256}")


class Correlator:
    """ASGI middleware; the correlator also stands in every log line of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlator = _correlator(scope)
        header = (HEADER, correlator.encode())

        async def send_with_correlator(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], header]
            await send(message)

        # Never taken back: each request is a task of its own, with a context of its own.
        structlog.contextvars.bind_contextvars(correlator=correlator)
        await self._app(scope, receive, send_with_correlator)


def _correlator(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == HEADER and _WELL_FORMED.fullmatch(value):
            return str(value, "ascii")
    return token_hex(16)
