"""An application behind the protocol that serves it, on a port of this machine, in this process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from receiver.api.wire.config import RequestBounds, ServerConfig
from receiver.api.wire.portioned import PortionedProtocol
from receiver.api.wire.protocol import BoundedHttpProtocol

BOUNDS = RequestBounds(
    head_timeout_seconds=10,
    head_limit_bytes=65_536,
    body_timeout_seconds=10,
    answer_timeout_seconds=10,
)


Connect = Callable[[], PortionedProtocol]


def protocol_of(
    app: ASGIApp,
    state: Mapping[str, Any],
    *,
    bounds: RequestBounds = BOUNDS,
    connection_limit: int = 100,
    idle_seconds: int = 75,
) -> Connect:
    """Makes a connection's protocol.

    Args:
        state: what the application's lifespan left for it.
    """
    config = ServerConfig(
        app,
        request=bounds,
        connection_limit=connection_limit,
        timeout_keep_alive=idle_seconds,
        http=PortionedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    config.load()
    server_state = ServerState()
    server_state.default_headers = [(b"date", b"Thu, 01 Jan 2026 00:00:00 GMT")]
    return partial(PortionedProtocol, config, server_state, dict(state))


@asynccontextmanager
async def served(connect: Callable[[], BoundedHttpProtocol]) -> AsyncIterator[tuple[str, int]]:
    """The host and the port where such a connection can be had."""
    server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[tuple[str, Connect]]:
    """Its base URL, and what makes a connection's protocol, for the length of its lifespan."""
    async with app.router.lifespan_context(app) as state:
        connect = protocol_of(app, state or {})
        async with served(connect) as (host, port):
            yield f"http://{host}:{port}", connect
