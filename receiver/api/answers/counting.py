"""Counts every answer by call, status and reason; knows nothing of where the counts go."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CountAnswer = Callable[[str, int, str], None]

# The key in a request's scope under which an answer leaves its reason for whoever counts it.
REASON = "receiver.reason"

# The reason of an answer that is no error.
OK = "ok"

# The key in the server's state under which the application leaves a `CountAnswer`, for answers to
# what is no request and therefore never reaches it.
COUNT_ANSWER = "receiver.count_answer"


class Answers:
    """ASGI middleware.

    Args:
        count: takes the call (`notifications`, `questions` or `other`), the status and the
            reason (`ok`, or the word of the error).
    """

    def __init__(self, app: ASGIApp, count: CountAnswer) -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(_call(scope["path"]), message["status"], scope.get(REASON, OK))
            await send(message)

        await self._app(scope, receive, counted_send)


def _call(path: str) -> str:
    if path == "/notifications":
        return "notifications"
    return "questions" if path.startswith(("/events", "/devices")) else "other"
