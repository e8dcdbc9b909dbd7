"""Sessions of people: whoever may begin one, where it holds, and what ends it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie
from ipaddress import ip_network

import httpx
import pytest
from structlog.testing import capture_logs

from receiver.api.access.sessions import LENGTH
from receiver.api.access.tokens.token import LEEWAY_SECONDS
from receiver.api.console.entrance import COOKIE, PLAIN_COOKIE
from receiver.api.console.place import compose_link
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    revoke_credential,
    rotate_credential,
    token_digest,
)
from receiver.store.credentials.links import make_link
from tests.support.ageing import execute
from tests.support.authorization_server import (
    AUDIENCE,
    SINK_SCOPE,
    AuthorizationServer,
    authorization_server,
)
from tests.support.callers import Callers, calling, make_settings
from tests.support.console import OWN, read_page, submit, visiting
from tests.support.store.database import column
from tests.support.token_service import made_by

READER_SCOPE = "device-status-receiver:reader"
ADMIN_SCOPE = "device-status-receiver:admin"
REFRESH_SECONDS = 0.25
ATTEMPTS = 3


@pytest.fixture(scope="module")
def server() -> Iterator[AuthorizationServer]:
    with authorization_server() as running:
        yield running


@pytest.fixture(scope="module")
async def replica(callers_conninfo: str, server: AuthorizationServer) -> AsyncIterator[Callers]:
    """Another service on the database of `shared_callers`; it takes access tokens, too."""
    changed = {
        "credential_refresh_seconds": REFRESH_SECONDS,
        "trusted_proxies": {ip_network("127.0.0.0/8")},
        "attempts_limit": ATTEMPTS,
        "jwt_issuer": server.issuer,
        "jwt_audience": AUDIENCE,
        "jwt_jwks_url": server.jwks_url,
    }
    settings = make_settings(callers_conninfo).model_copy(update=changed)
    async with calling(settings) as found:
        yield found


async def sign_in(client: httpx.AsyncClient, token: str, **headers: str) -> httpx.Response:
    return await client.post("/console/sign-in", data={"token": token}, headers=OWN | headers)


def from_(address: str) -> dict[str, str]:
    """The header with which a trusted proxy names a sender."""
    return {"x-forwarded-for": address}


async def is_out(client: httpx.AsyncClient) -> bool:
    """Whether a page asks to sign in, at the latest once the credentials were read again."""
    for _ in range(100):
        if (await client.get("/console/fleet")).status_code == 303:
            return True
        await asyncio.sleep(REFRESH_SECONDS / 5)
    return False


@pytest.mark.parametrize(
    ("proto", "is_trusted", "is_secure"),
    [("https", True, True), ("http", True, False), ("https", False, False)],
)
async def test_the_cookie_is_secure_behind_tls(
    shared_callers: Callers, replica: Callers, proto: str, is_trusted: bool, is_secure: bool
) -> None:
    async with visiting(replica if is_trusted else shared_callers) as client:
        answer = await sign_in(client, "token-of-reader", **{"x-forwarded-proto": proto})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=" if is_secure else f"{PLAIN_COOKIE}=")
        assert ("Secure" in cookie) is is_secure


async def test_replicas_read_the_sessions_of_each_other(
    shared_callers: Callers, replica: Callers
) -> None:
    async with visiting(shared_callers) as client:
        await sign_in(client, "token-of-reader")
        page = await client.get(f"{replica.nobody.base_url}/console/fleet")
        assert page.status_code == 200
        # Signed out there, the browser has no session anywhere.
        await client.post(f"{replica.nobody.base_url}/console/sign-out", headers=OWN)
        assert (await client.get("/console/fleet")).status_code == 303


async def test_too_many_wrong_tokens_and_links_from_an_address_are_refused_and_good_ones_never(
    replica: Callers, callers_conninfo: str
) -> None:
    guesses = [("token", 401), ("link", 401), ("token", 401), ("token", 429), ("link", 429)]
    async with visiting(replica) as client:
        for guess, status in guesses:
            if guess == "token":
                answer = await sign_in(client, "nobody's", **from_("198.51.100.7"))
            else:
                answer = await client.get(compose_link("", "no"), headers=from_("198.51.100.7"))
            assert (guess, answer.status_code) == (guess, status)
            assert ("retry-after" in answer.headers) is (status == 429)
            assert answer.headers["content-type"].startswith("text/html")
        assert (await sign_in(client, "nobody's", **from_("198.51.100.8"))).status_code == 401
        assert (await sign_in(client, "token-of-reader", **from_("198.51.100.7"))).is_redirect
        link = compose_link("", make_link(callers_conninfo, "the-reader").key)
        assert (await client.get(link, headers=from_("198.51.100.7"))).is_redirect


async def test_a_revoked_token_is_out_once_the_credentials_are_read_again(
    replica: Callers, callers_conninfo: str
) -> None:
    create_credential(callers_conninfo, "leaver", Role.READER, token_digest("leaver's"), None)
    link = compose_link("", make_link(callers_conninfo, "leaver").key)
    async with visiting(replica) as by_token, visiting(replica) as by_link:
        assert (await sign_in(by_token, "leaver's")).is_redirect
        assert (await by_link.get(link)).is_redirect
        await read_page(by_link, "/console/fleet")
        revoke_credential(callers_conninfo, "leaver")
        assert await is_out(by_token)
        assert await is_out(by_link)
        assert (await sign_in(by_token, "leaver's", **from_("198.51.100.9"))).status_code == 401


async def test_a_session_ends_with_the_token_that_began_it_whatever_comes_after(
    replica: Callers, callers_conninfo: str
) -> None:
    create_credential(callers_conninfo, "rotated", Role.READER, token_digest("old"), None)
    async with visiting(replica) as old, visiting(replica) as new:
        assert (await sign_in(old, "old")).is_redirect
        rotate_credential(
            callers_conninfo, "rotated", token_digest("new"), None, overlap=timedelta(hours=1)
        )
        assert (await sign_in(new, "new")).is_redirect
        await read_page(old, "/console/fleet")
        execute(
            callers_conninfo,
            "UPDATE credential_token SET expires_at = now()"
            " WHERE name = 'rotated' AND expires_at IS NOT NULL",
        )
        assert await is_out(old)
        await read_page(new, "/console/fleet")


async def test_each_beginning_of_a_session_leaves_an_audit_line(
    shared_callers: Callers, callers_conninfo: str
) -> None:
    link = compose_link("", make_link(callers_conninfo, "the-admin").key)
    async with visiting(shared_callers) as client:
        with capture_logs() as logged:
            await sign_in(client, "nobody's")
            await sign_in(client, "token-of-registrar")
            await client.get(link)
            await client.get(link)
    assert [
        (line["action"], line["credential"], line["by"], line["outcome"])
        for line in logged
        if line["event"] == "audit"
    ] == [
        ("session.begin", "the-registrar", "token", "ok"),
        ("session.begin", "the-admin", "link", "ok"),
    ]


@pytest.mark.parametrize(
    ("scope", "name"), [(READER_SCOPE, "jwt:operator-prod"), (ADMIN_SCOPE, "jwt:operator-prod")]
)
async def test_an_access_token_signs_in_for_as_long_as_it_holds(
    replica: Callers, server: AuthorizationServer, scope: str, name: str
) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)
    token = made_by(server, scope=scope, exp=int(end.timestamp()))
    async with visiting(replica) as client:
        cookie = SimpleCookie((await sign_in(client, token)).headers["set-cookie"])
        until = parsedate_to_datetime(cookie[PLAIN_COOKIE]["expires"])
        assert until == end + timedelta(seconds=LEEWAY_SECONDS)
        who = (await read_page(client, "/console/fleet")).select(".who span")[0]
        assert (who.text, who["title"]) == (name, scope.partition(":")[2])


async def test_an_access_token_that_may_not_look_does_not_sign_in(
    replica: Callers, server: AuthorizationServer
) -> None:
    expired = int(datetime.now(UTC).timestamp()) - 3600
    async with visiting(replica) as client:
        for token, status in (
            (made_by(server, scope=SINK_SCOPE), 403),
            (made_by(server, scope="openid"), 403),
            (made_by(server, scope=READER_SCOPE, exp=expired), 401),
            (made_by(server, scope=READER_SCOPE, aud="https://other.invalid"), 401),
        ):
            answer = await sign_in(client, token, **from_(f"203.0.113.{status % 100}"))
            assert (answer.status_code, client.cookies.get(PLAIN_COOKIE)) == (status, None)


async def test_a_session_is_a_working_day_long_and_counts_as_use_of_its_credential(
    callers_conninfo: str,
) -> None:
    create_credential(callers_conninfo, "looker", Role.READER, token_digest("looker's"), None)
    async with calling(make_settings(callers_conninfo)) as callers, visiting(callers) as client:
        cookie = SimpleCookie((await sign_in(client, "looker's")).headers["set-cookie"])
        left = parsedate_to_datetime(cookie[PLAIN_COOKIE]["expires"]) - datetime.now(UTC)
        assert LENGTH - timedelta(minutes=1) < left <= LENGTH
        await submit(client, "/console/sign-in", {"token": "looker's"})
        await read_page(client, "/console/fleet")
    used = "SELECT last_used_at > now() - interval '1 minute' FROM credential WHERE name = 'looker'"
    assert column(callers_conninfo, used) == ["True"]
