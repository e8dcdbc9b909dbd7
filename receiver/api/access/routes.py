"""Routes that decide who asks before a body is read, bound body and caller, and audit the call.

FastAPI reads and parses a body before it asks a dependency. These routes ask first.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, ClassVar

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from receiver.api.access.garbage import collect_portion
from receiver.api.access.reads import Read
from receiver.api.answers.counting import CountedRoute
from receiver.api.answers.streamed import StreamedAnswer
from receiver.errors import BodyTooLarge
from receiver.store.credentials.credentials import Credential, Role
from receiver.turns import Turns

Admit = Callable[[Request], Awaitable[Credential]]


class BoundedRequest(Request):
    """A request whose body ends with an error at its limit, counted on the bytes received."""

    limit_bytes: int

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yields the body in pieces.

        Raises:
            BodyTooLarge: more arrives than the limit; the rest is not read.
        """
        declared = self.headers.get("content-length", "")
        received = int(declared) if declared.isdigit() else 0
        if received <= self.limit_bytes:
            received = 0
            async for piece in super().stream():
                received += len(piece)
                if received > self.limit_bytes:
                    break
                yield piece
        if received > self.limit_bytes:
            raise BodyTooLarge(f"The body is larger than {self.limit_bytes} bytes")


class GuardedRoute(CountedRoute):
    """A route for callers of a role.

    The credential of the caller is in `request.state.credential`, and every call leaves an audit
    line; an endpoint that writes its own one sets `request.state.is_audited`.

    Attributes:
        role: the least role that may call.
        admit: decides on the head of the request, and leaves the credential in its state; raises
            what refuses it.
        turns: bound the questions of one credential that run at a time.
        body_limit_bytes: of every body, as received.
    """

    role: ClassVar[Role]
    admit: ClassVar[Admit]
    turns: ClassVar[Turns]
    body_limit_bytes: ClassVar[int]

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Returns FastAPI's handler behind the guard and the bounds."""
        handle = super().get_route_handler()
        route = type(self)
        has_body = self.body_field is not None

        async def handle_bounded(request: Request, held: AsyncExitStack) -> Response:
            caller = await route.admit(request)
            bounded = BoundedRequest(request.scope, request.receive)
            bounded.limit_bytes = route.body_limit_bytes
            if has_body:
                # Read here: FastAPI makes a 400 of any error while it reads.
                await bounded.body()
            # After the body: one that arrives slowly holds no turn.
            has_waited = await held.enter_async_context(route.turns.turn(caller.name))
            if has_waited and await bounded.is_disconnected():
                # Nobody reads the answer; the next one in the queue has the turn.
                raise ClientDisconnect
            return await handle(bounded)

        async def handle_audited(request: Request) -> Response:
            call = f"{request.method} {self.path_format}"
            read = Read(request, f"{route.call}.read", call)
            async with AsyncExitStack() as held:
                # Behind the answer.
                call_soon = asyncio.get_running_loop().call_soon
                held.callback(call_soon, collect_portion)
                held.callback(call_soon, read.audit)
                try:
                    response = await handle_bounded(request, held)
                except Exception as error:
                    read.failed(error)
                    raise
                if isinstance(response, StreamedAnswer):
                    # It holds its turn until its end, and its audit line says how it ended.
                    response.hold(held.pop_all(), read)
                else:
                    read.answered(response)
                return response

        return handle_audited


def guarded_as(
    call: str, role: Role, admit: Admit, turns: Turns, body_limit_bytes: int
) -> type[GuardedRoute]:
    """Returns the class of a router's routes, whose answers are counted as one call."""
    members = {
        "call": call,
        "role": role,
        "admit": staticmethod(admit),
        "turns": turns,
        "body_limit_bytes": body_limit_bytes,
    }
    return type("GuardedRoute", (GuardedRoute,), members)
