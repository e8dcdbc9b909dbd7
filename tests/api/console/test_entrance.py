"""Cookies, over plain HTTP and behind a proxy that speaks TLS."""

from ipaddress import ip_network

import pytest

from receiver.api.console.entrance import COOKIE, PLAIN_COOKIE
from tests.support.callers import calling, make_settings
from tests.support.console import OWN, visiting


@pytest.mark.parametrize(
    ("trusted", "proto", "is_secure"),
    [
        ({ip_network("127.0.0.0/8")}, "https", True),
        ({ip_network("127.0.0.0/8")}, "http", False),
        (None, "https", False),
    ],
)
async def test_the_cookie_is_secure_behind_tls(
    callers_conninfo: str, trusted: set[object] | None, proto: str, is_secure: bool
) -> None:
    settings = make_settings(callers_conninfo)
    changed = settings.model_copy(update={"trusted_proxies": trusted})
    async with calling(changed) as callers, visiting(callers) as client:
        answer = await client.post(
            "/console/sign-in",
            data={"token": "token-of-reader"},
            headers={**OWN, "x-forwarded-proto": proto},
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=" if is_secure else f"{PLAIN_COOKIE}=")
        assert ("Secure" in cookie) is is_secure
