"""The reception as an ASGI application: for what the wire does not gather, and for other servers.

A body that is not read yet is read here, once its sender is admitted.
"""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from receiver.api.answers.correlator import HEADER, choose_correlator
from receiver.api.answers.errors import answer_to
from receiver.api.answers.exchange import Answer, FirstHeaders
from receiver.api.sink.reception import Reception
from receiver.errors import BodyTooLarge


class AsgiExchange:
    """One request of an ASGI server."""

    body = None

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.headers: FirstHeaders = dict(reversed(scope["headers"]))
        self._receive = receive
        self.answered: asyncio.Future[tuple[Answer, bytes]] = (
            asyncio.get_running_loop().create_future()
        )

    async def read_body(self, limit_bytes: int) -> bytes:
        """Reads the whole body; stops as soon as it is known to be too large."""
        declared = self.headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > limit_bytes:
            raise BodyTooLarge(f"The body is larger than {limit_bytes} bytes")
        body = b""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk: bytes = message.get("body", b"")
            body += chunk
            if len(body) > limit_bytes:
                raise BodyTooLarge(f"The body is larger than {limit_bytes} bytes")
            if not message.get("more_body", False):
                return body

    def respond(self, answer: Answer, correlator: bytes) -> None:
        """Hands the answer to the task that sends it."""
        if not self.answered.done():
            self.answered.set_result((answer, correlator))


class SinkApplication:
    """Answers `POST /notifications`; the caller routes nothing else here."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = AsgiExchange(scope, receive)
        self._reception.receive([exchange])
        try:
            answer, correlator = await asyncio.shield(exchange.answered)
        except asyncio.CancelledError as cancelled:
            # The server stops, and the reception does not know yet.
            answer, correlator = answer_to(cancelled), choose_correlator(scope["headers"])
        headers = [*answer.headers, (HEADER, correlator)]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
