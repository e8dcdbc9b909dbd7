"""Questions to the application in this process, as the caller who signed in."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response
from starlette.types import Message, Receive, Scope, Send

from receiver.api.access.sessions import SESSION, Session
from receiver.api.answers.counting import REASON
from receiver.api.answers.exchange import OK

# What of the scope of a page also holds for its questions.
OF_CONNECTION = (
    "type",
    "asgi",
    "http_version",
    "scheme",
    "server",
    "client",
    "root_path",
    "extensions",
)

# The headers of a page that its questions bring along.
BROUGHT = (b"x-correlator", b"traceparent", b"last-event-id")

Parameters = Mapping[str, object] | Iterable[tuple[str, object]]


class Refused(Exception):
    """A question that was answered with an error.

    Attributes:
        status: of HTTP.
        code: CAMARA's word.
        message: the sentence; names no value.
        retry_after: seconds, as the header has it.
        reason: the word under which the answer was counted.
    """

    def __init__(
        self, status: int, code: str, message: str, retry_after: str | None, reason: str
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.reason = reason
        self.message = message
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks for one page.

    Attributes:
        request: of the page.
        session: of its caller.
    """

    request: Request
    session: Session

    async def get(self, path: str, parameters: Parameters = ()) -> Any:
        """Returns the JSON of an answer.

        Args:
            path: as the API has it, with a slash at its start.
            parameters: of the query; those that are None are left out.

        Raises:
            Refused: it is an error.
        """
        return await self._ask("GET", path, parameters, b"")

    async def read(self, path: str) -> str:
        """Returns the text of an answer to GET, as the API wrote it.

        Raises:
            Refused: it is an error.
        """
        return (await self._read("GET", path, (), b"")).decode()

    async def post(self, path: str, body: object) -> Any:
        """Returns the JSON of an answer to a JSON body; None: it has none.

        Raises:
            Refused: it is an error.
        """
        return await self._ask("POST", path, (), orjson.dumps(body))

    def forward(
        self, path: str, parameters: Parameters, rewrite: Callable[[bytes], bytes]
    ) -> Response:
        """Returns the answer to GET as the API gives it, piece by piece.

        Args:
            rewrite: takes each piece of an answer that is no error, and returns another.
        """
        scope = self._scope("GET", path, parameters, [])
        return _Forwarded(self.request.app, scope, rewrite)

    async def _ask(self, method: str, path: str, parameters: Parameters, body: bytes) -> Any:
        content = await self._read(method, path, parameters, body)
        return orjson.loads(content) if content else None

    async def _read(self, method: str, path: str, parameters: Parameters, body: bytes) -> bytes:
        headers = [(b"content-type", b"application/json")] if body else []
        scope = self._scope(method, path, parameters, headers)
        status, pieces, answered = 0, [], {}

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = dict(message["headers"])
            else:
                pieces.append(message.get("body", b""))

        await self.request.app(scope, receive, send)
        content = b"".join(pieces)
        if status >= HTTPStatus.BAD_REQUEST:
            value: Any = orjson.loads(content)
            retry_after = answered.get(b"retry-after", b"").decode("latin-1") or None
            raise Refused(
                status, value["code"], value["message"], retry_after, scope.get(REASON, OK)
            )
        return content

    def _scope(
        self,
        method: str,
        path: str,
        parameters: Parameters,
        headers: list[tuple[bytes, bytes]],
    ) -> Scope:
        page = self.request.scope
        pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
        query = urlencode([(name, value) for name, value in pairs if value is not None])
        brought = [pair for pair in page["headers"] if pair[0] in BROUGHT]
        return {
            **{name: page[name] for name in OF_CONNECTION if name in page},
            "method": method,
            "path": page.get("root_path", "") + path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [*brought, *headers],
            "state": dict(page.get("state", {})),
            SESSION: self.session,
        }


class _Forwarded(Response):
    """An answer of the application to another request of its own."""

    def __init__(self, app: Any, asked: Scope, rewrite: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._app = app
        self._asked = asked
        self._rewrite = rewrite

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_answer = False

        async def send_rewritten(message: Message) -> None:
            nonlocal is_answer
            if message["type"] == "http.response.start":
                is_answer = message["status"] < HTTPStatus.BAD_REQUEST
            elif is_answer and message.get("body"):
                message = {**message, "body": self._rewrite(message["body"])}
            await send(message)

        await self._app(self._asked, receive, send_rewritten)


async def ask_together(*questions: Coroutine[Any, Any, Any]) -> list[Any]:
    """Asks side by side, and returns the answers in order.

    Once one is refused, the others are given up before the refusal goes on: nothing of a page
    runs longer than the page.

    Raises:
        Refused: the first of them.
    """
    tasks = [asyncio.ensure_future(question) for question in questions]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
