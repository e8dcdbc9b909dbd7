"""The check of access tokens: the keys of the authorization server are fetched once."""

import asyncio

from receiver.api.access.tokens.authorization_server import AuthorizationServer
from receiver.api.access.tokens.fetching import fetch, make_client
from receiver.api.access.tokens.key_set import KeySet
from receiver.doctor.diagnosis import CheckResult, failed, ok, skipped
from receiver.errors import KeysAway


def check_access_tokens(server: AuthorizationServer | None) -> CheckResult:
    """Checks that RECEIVER_JWT_JWKS_URL answers with usable keys."""
    if server is None:
        return skipped("RECEIVER_JWT_ISSUER is not set; access tokens are not taken")
    try:
        keys = asyncio.run(_fetch_keys(server.jwks_url))
    except KeysAway as error:
        return failed(f"RECEIVER_JWT_JWKS_URL: {error}; access tokens are answered 503 without it")
    algorithms = ", ".join(sorted({key.algorithm for key in keys}))
    return ok(f"{len({key.material for key in keys})} keys are published, for {algorithms}")


async def _fetch_keys(url: str) -> KeySet:
    async with make_client(url) as client:
        return await fetch(client, url)
