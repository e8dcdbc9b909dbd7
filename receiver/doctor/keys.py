"""Whether access tokens can be checked: the keys of the authorization server, fetched once."""

import asyncio

from receiver.api.access.tokens.authorization_server import AuthorizationServer
from receiver.api.access.tokens.fetching import fetch, make_client
from receiver.api.access.tokens.key_set import KeySet
from receiver.doctor.diagnosis import Outcome, failed, ok, skipped
from receiver.errors import KeysAway


def access_tokens(server: AuthorizationServer | None) -> Outcome:
    """Whether usable keys are where RECEIVER_JWT_JWKS_URL says."""
    if server is None:
        return skipped("RECEIVER_JWT_ISSUER is not set; access tokens are not taken")
    try:
        found = asyncio.run(_fetched(server.jwks_url))
    except KeysAway as error:
        return failed(f"RECEIVER_JWT_JWKS_URL: {error}; access tokens are answered 503 without it")
    algorithms = ", ".join(sorted({key.algorithm for key in found}))
    return ok(f"{len({key.material for key in found})} keys are published, for {algorithms}")


async def _fetched(url: str) -> KeySet:
    async with make_client(url) as client:
        return await fetch(client, url)
