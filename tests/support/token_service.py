"""The service in this process, which trusts an authorization server, and its callers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest

from receiver.app.application import create_app
from receiver.events.examples import NOTIFICATION
from receiver.settings.settings import Settings
from tests.support.authorization_server import AUDIENCE, AuthorizationServer
from tests.support.signing import claims, signed

ASK = {"device": {"phoneNumber": "+99999991000"}}

Open = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def service(settings: Settings, server: AuthorizationServer) -> Open:
    """Opens the service, which trusts the server, with other settings if given."""

    @asynccontextmanager
    async def opened(**changed: Any) -> AsyncIterator[httpx.AsyncClient]:
        trusting = {
            "jwt_issuer": server.issuer,
            "jwt_audience": AUDIENCE,
            "jwt_jwks_url": server.jwks_url,
            **changed,
        }
        app = create_app(settings.model_copy(update=trusting))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://receiver.invalid"
            ) as client,
        ):
            yield client

    return opened


async def post(client: httpx.AsyncClient, token: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"}
    return await client.post("/notifications", json=NOTIFICATION, headers=headers)


async def ask(
    client: httpx.AsyncClient, token: str, path: str = "/devices/retrieve"
) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"}
    return await client.post(path, json=ASK, headers=headers)


def made_by(server: AuthorizationServer, **changed: Any) -> str:
    """A token with the server's signature and whatever claims a test wants."""
    return signed(claims(**{"iss": server.issuer, **changed}), server.signing)
