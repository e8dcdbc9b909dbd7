"""Access tokens through the whole service, beside tokens that were made here."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from receiver.api.access.tokens import access_tokens
from receiver.app.application import create_app
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    token_digest,
)
from tests.support.authorization_server import AuthorizationServer, rsa_key
from tests.support.exposition import value
from tests.support.process_clock import set_clock
from tests.support.signing import claims, signed
from tests.support.token_service import Open, ask, made_by, post

READER_SCOPE = "device-status-receiver:reader"
ADMIN_SCOPE = "device-status-receiver:admin"


async def test_an_access_token_posts_and_its_client_is_the_credential(
    service: Open, server: AuthorizationServer, conninfo: str
) -> None:
    async with service() as client:
        assert (await post(client, server.token())).status_code == 204
        assert (await post(client, server.token("operator-test"))).status_code == 204
    with psycopg.connect(conninfo) as connection:
        stored = connection.execute("SELECT credential FROM event ORDER BY 1").fetchall()
    assert stored == [("jwt:operator-prod",)]


async def test_scopes_decide_what_a_token_opens(service: Open, server: AuthorizationServer) -> None:
    sink = server.token()
    reader = server.token(scope=READER_SCOPE)
    admin = server.token(scope=ADMIN_SCOPE)
    both = server.token(scope=f"{READER_SCOPE} openid device-status-receiver:sink")
    none = server.token(scope="openid")
    async with service() as client:
        for token, posted, asked in (
            (sink, 204, 403),
            (reader, 403, 200),
            (admin, 403, 200),
            (both, 204, 200),
            (none, 403, 403),
        ):
            # Twice: once verified, once remembered.
            for _ in range(2):
                assert (await post(client, token)).status_code == posted
                assert (await ask(client, token)).status_code == asked
    async with service(jwt_sink_scope="other:scope", jwt_reader_scope=None) as client:
        assert (await post(client, sink)).status_code == 403
        assert (await post(client, server.token(scope="other:scope"))).status_code == 204
        assert (await ask(client, reader)).status_code == 403


async def test_a_scope_of_camara_opens_the_calls_that_it_names_and_no_other(
    service: Open, server: AuthorizationServer
) -> None:
    roaming = "device-roaming-status:read"
    of = {
        "/device-roaming-status/v1/retrieve": roaming,
        "/device-roaming-status/v0.6/retrieve": roaming,
        "/device-status/device-roaming-status/v1/retrieve": roaming,
        "/device-reachability-status/v1/retrieve": "device-reachability-status:read",
        "/connected-network-type/v0.2/retrieve": "connected-network-type:read",
        "/camara/device-status/v050/roaming": "dpv:NotApplicable#device-status:roaming:read",
        "/device-status/v0/connectivity": "device-status:connectivity:read",
    }
    tokens = {scope: server.token(scope=scope) for scope in of.values()}
    roles = {
        server.token(scope=READER_SCOPE): 404,
        server.token(scope=ADMIN_SCOPE): 404,
        server.token(): 403,
        server.token(scope="openid admin reader"): 403,
        # A role that may not call, and a scope that may.
        server.token(scope=f"device-status-receiver:sink {' '.join(tokens)}"): 404,
    }
    async with service() as client:
        for path, needed in of.items():
            for scope, token in tokens.items():
                # Twice: once verified, once remembered.
                for _ in range(2):
                    answer = await ask(client, token, path)
                    assert answer.status_code == (404 if scope == needed else 403), (path, scope)
            for token, status in roles.items():
                assert (await ask(client, token, path)).status_code == status, path
        for token in tokens.values():
            assert (await ask(client, token)).status_code == 403
            assert (await ask(client, token, "/status/retrieve")).status_code == 403
            assert (await post(client, token)).status_code == 403
    async with service(retrieve_calls=None) as client:
        for path, scope in of.items():
            assert (await ask(client, tokens[scope], path)).status_code == 404
            assert (await ask(client, tokens[scope])).status_code == 403


async def test_without_an_authorization_server_an_access_token_is_one_that_nobody_knows(
    settings: Settings, server: AuthorizationServer
) -> None:
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://receiver.invalid") as client,
    ):
        answer = await post(client, server.token())
    assert (answer.status_code, answer.json()["message"]) == (401, "The bearer token is not known")
    assert server.fetches == 0


async def test_a_refused_token_is_401_with_a_reason_of_its_own(
    service: Open, server: AuthorizationServer
) -> None:
    refused = {
        "issuer": made_by(server, iss="https://stranger.invalid"),
        "audience": made_by(server, aud="https://stranger.invalid"),
        "key": signed(claims(iss=server.issuer), rsa_key("stranger")),
        "exp": made_by(server, exp=None),
    }
    async with service() as client:
        for word, token in refused.items():
            answer = await post(client, token)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["code"] == "UNAUTHENTICATED"
            assert word in answer.json()["message"]
            assert "stranger" not in answer.text
        text = (await client.get("/metrics")).text
    labels = {"call": "notifications", "status": "401", "reason": "token-invalid"}
    assert value(text, "receiver_answers_total", labels) == len(refused)


async def test_an_expired_token_is_401_after_the_leeway_and_the_grace(
    service: Open, server: AuthorizationServer, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC).timestamp()
    just_expired = made_by(server, exp=now - 30)
    expired = made_by(server, exp=now - 3000)
    async with service() as client:
        assert (await post(client, just_expired)).status_code == 204
        for _ in range(2):
            answer = await post(client, expired)
            assert (answer.status_code, answer.json()["message"]) == (
                401,
                "The bearer token has expired",
            )
    capsys.readouterr()
    async with service(expired_token_grace=3600) as client:
        assert (await post(client, expired)).status_code == 204
    assert "expired token admitted" in capsys.readouterr().out
    async with service(expired_token_grace=600) as client:
        assert (await post(client, expired)).status_code == 401


async def test_a_remembered_token_ends_with_its_key(
    service: Open, server: AuthorizationServer
) -> None:
    old = server.token()
    async with service(jwt_refresh_seconds=0.05) as client:
        assert (await post(client, old)).status_code == 204
        server.rotate()
        assert (await post(client, server.token())).status_code == 204
        assert (await post(client, old)).status_code == 204
        server.published = [server.signing]
        async with asyncio.timeout(20):
            while (answer := await post(client, old)).status_code == 204:
                await asyncio.sleep(0.05)
        assert (answer.status_code, "No key" in answer.json()["message"]) == (401, True)
        assert (await post(client, server.token())).status_code == 204


async def test_a_key_replaced_under_its_name_is_noticed_by_the_next_token(
    service: Open, server: AuthorizationServer
) -> None:
    async with service() as client:
        assert (await post(client, server.token())).status_code == 204
        server.rotate(rsa_key(server.signing.kid), withdraw=True)
        assert (await post(client, server.token())).status_code == 204


async def test_more_tokens_than_are_remembered_are_verified_again_with_the_keys_at_hand(
    service: Open, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_tokens, "REMEMBERED_LIMIT", 2)
    tokens = [server.token() for _ in range(5)]
    async with service() as client:
        for _ in range(2):
            for token in tokens:
                assert (await post(client, token)).status_code == 204
        assert server.fetches <= 2


async def test_no_credential_made_here_has_the_name_of_a_client(conninfo: str) -> None:
    with pytest.raises(ConfigurationError, match="must be plain words"):
        create_credential(conninfo, "jwt:operator-prod", Role.SINK, token_digest("x"), None)


async def test_the_metric_of_the_keys_tells_when_they_were_fetched(
    service: Open, server: AuthorizationServer
) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    async with service() as client:
        await post(client, server.token())
        text = (await client.get("/metrics")).text
    fetched = value(text, "receiver_keys_fetched_timestamp_seconds")
    assert fetched is not None
    assert fetched > began.timestamp()


@pytest.mark.parametrize("ahead", [timedelta(hours=-3), timedelta(hours=3)])
async def test_an_access_token_that_was_issued_now_is_good_by_the_other_clock(
    service: Open, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    set_clock(monkeypatch, ahead)
    now = datetime.now(UTC).timestamp()
    fresh = made_by(server, iat=now, nbf=now, exp=now + 3600)
    future = made_by(server, iat=now + 4 * 3600, exp=now + 5 * 3600)
    async with service() as client:
        assert (await post(client, fresh)).status_code == 204
        assert (await post(client, future)).status_code == 401
