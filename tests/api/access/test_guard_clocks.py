"""A wrong clock of this machine turns no sender away, and keeps none longer than it is wrong."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from receiver.app.application import create_app
from receiver.events.examples import NOTIFICATION
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role, create_credential, revoke_credential
from tests.support.process_clock import set_clock
from tests.support.token_service import post

HOUR = timedelta(hours=1)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://x.invalid") as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("ahead", "left", "status"),
    [
        (3 * HOUR, HOUR, 204),
        (3 * HOUR, -HOUR, 401),
        (-3 * HOUR, -HOUR, 204),
        (-3 * HOUR, -4 * HOUR, 401),
    ],
)
async def test_a_token_has_expired_once_both_clocks_say_so(
    conninfo: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ahead: timedelta,
    left: timedelta,
    status: int,
) -> None:
    set_clock(monkeypatch, ahead)
    expires_at = datetime.now(UTC) + left
    digest = hashlib.sha256(b"brief").digest()
    create_credential(conninfo, "operator", Role.SINK, digest, expires_at)
    async with opened(settings) as client:
        for _ in range(3):
            answer = await client.post(
                "/notifications", json=NOTIFICATION, headers={"authorization": "Bearer brief"}
            )
            assert answer.status_code == status
        revoke_credential(conninfo, "operator")
    warned = capsys.readouterr().out.count("expired token admitted")
    assert warned == (1 if ahead > timedelta() and status == 204 else 0)


@pytest.mark.parametrize("ahead", [-3 * HOUR, 3 * HOUR])
async def test_a_revoked_token_is_refused_whatever_the_clocks_say(
    conninfo: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    set_clock(monkeypatch, ahead)
    digest = hashlib.sha256(b"revoked").digest()
    create_credential(conninfo, "operator", Role.SINK, digest, datetime.now(UTC) + HOUR)
    revoke_credential(conninfo, "operator")
    async with opened(settings) as client:
        assert (await post(client, "revoked")).status_code == 401
