"""Routes ask who calls before they read a body, and bound every body."""

import asyncio

import pytest
from fastapi.routing import iter_route_contexts
from starlette.types import Message

from receiver.api.access.routes import GuardedRoute
from receiver.api.console.screens import Screen
from receiver.api.operations.documentation import Asset
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role
from tests.support.callers import Callers

LIMIT = Settings.model_fields["body_limit_bytes"].default
OPEN = {
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/docs/initializer.js",
    *(f"/docs/{asset}" for asset in Asset),
}
SINK = "/notifications"


def scope(path: str, token: str, *headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [
            (b"host", b"x"),
            (b"authorization", f"Bearer {token}".encode()),
            (b"content-type", b"application/json"),
            *headers,
        ],
        "scheme": "http",
        "http_version": "1.1",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "root_path": "",
        "state": {},
    }


ASKED = ("/devices/retrieve", "/events/retrieve", "/status/retrieve")


class Body:
    """A body that never ends, and how much of it was read."""

    def __init__(self, piece: bytes = 1024 * b" ") -> None:
        self.piece = piece
        self.read_bytes = 0

    async def receive(self) -> Message:
        self.read_bytes += len(self.piece)
        return {"type": "http.request", "body": self.piece, "more_body": True}


async def status_of(callers: Callers, asked: dict[str, object], body: Body) -> int:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async with asyncio.timeout(30):
        await callers.app(asked, body.receive, send)
    return int(sent[0]["status"])


def guarded(callers: Callers) -> list[GuardedRoute]:
    contexts = iter_route_contexts(callers.app.routes)
    routes = (context.original_route for context in contexts)
    return [route for route in routes if isinstance(route, GuardedRoute)]


async def test_every_route_but_operations_and_the_sink_is_guarded(shared_callers: Callers) -> None:
    contexts = list(iter_route_contexts(shared_callers.app.routes))
    open_ = {
        context.path
        for context in contexts
        if not isinstance(context.original_route, GuardedRoute | Screen)
    }
    assert open_ == OPEN | {SINK}
    assert {route.role for route in guarded(shared_callers)} == {
        Role.READER,
        Role.REGISTRAR,
        Role.ADMIN,
    }


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        *((path, "nobody", 401) for path in ASKED),
        *((path, "token-of-sink", 403) for path in ASKED),
        ("/subscriptions", "nobody", 401),
        ("/subscriptions", "token-of-reader", 403),
    ],
)
async def test_a_caller_without_the_role_is_refused_before_the_body_is_read(
    shared_callers: Callers, path: str, token: str, status: int
) -> None:
    body = Body()
    assert await status_of(shared_callers, scope(path, token), body) == status
    assert body.read_bytes == 0


@pytest.mark.parametrize("path", ASKED)
async def test_a_body_without_end_is_413_at_the_limit(shared_callers: Callers, path: str) -> None:
    body = Body()
    assert await status_of(shared_callers, scope(path, "token-of-reader"), body) == 413
    assert body.read_bytes == LIMIT + len(body.piece)


async def test_a_body_that_declares_too_much_is_413_unread(shared_callers: Callers) -> None:
    body = Body()
    declared = (b"content-length", str(LIMIT + 1).encode())
    asked = scope("/devices/retrieve", "token-of-reader", declared)
    assert await status_of(shared_callers, asked, body) == 413
    assert body.read_bytes == 0
