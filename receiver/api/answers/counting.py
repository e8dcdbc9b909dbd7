"""Counts every answer by call, status and reason; each router declares the call of its routes."""

from typing import ClassVar

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from receiver.api.answers.exchange import OK, CountAnswer

# The key in a request's scope under which an answer leaves its reason for the count.
REASON = "receiver.reason"

# The key under which an answer leaves its call, where that is not what the route declares.
CALL = "receiver.call"

# The call of a request that no route matched, or a route that no router of ours made.
OTHER = "other"


class CountedRoute(APIRoute):
    """A route whose answers are counted as one call.

    Attributes:
        call: the metric's label.
    """

    call: ClassVar[str]


def counted_as(call: str) -> type[CountedRoute]:
    """Returns the class of a router's routes: `APIRouter(route_class=counted_as("questions"))`."""
    return type("CountedRoute", (CountedRoute,), {"call": call})


class Answers:
    """ASGI middleware: counts each answer as the call that the matched route declares.

    A refused token, role, parameter or method is an answer of the route that it was sent to.

    Args:
        count: takes the call, the status and the reason (`ok`, or the word of the error).
    """

    def __init__(self, app: ASGIApp, count: CountAnswer) -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope.get("route")
                declared = route.call if isinstance(route, CountedRoute) else OTHER
                self._count(scope.get(CALL, declared), message["status"], scope.get(REASON, OK))
            await send(message)

        await self._app(scope, receive, send_and_count)
