"""Fetches a key set in bounded time and size; an answer that is no key set is an outage."""

import asyncio
from urllib.parse import urlsplit

import httpx

from receiver.api.access.tokens.key_set import KeySet, parse_key_set
from receiver.errors import KeysAway
from receiver.settings.access_tokens import is_loopback

# Seconds for one fetch. A key set is one small file; a sender whose token has an unknown key waits
# that long for its 503.
TIMEOUT_SECONDS = 5.0

# Bytes of a key set: 4 KiB for each of the 64 keys that it may have.
BODY_LIMIT_BYTES = 262_144

# `no-cache`: a cache on the way may hold the key set of yesterday.
HEADERS = {
    "accept": "application/jwk-set+json, application/json",
    "accept-encoding": "identity",
    "cache-control": "no-cache",
}


def make_client(url: str) -> httpx.AsyncClient:
    """Returns a client for this URL; it follows no redirect, and uses no proxy on this machine."""
    return httpx.AsyncClient(
        headers=HEADERS,
        timeout=TIMEOUT_SECONDS,
        follow_redirects=False,
        trust_env=not is_loopback(urlsplit(url).hostname),
        limits=httpx.Limits(max_connections=2),
    )


async def fetch(client: httpx.AsyncClient, url: str) -> KeySet:
    """Fetches the key set at the URL.

    Raises:
        KeysAway: there was no answer in time, or one that is not a usable key set.
    """
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS), client.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                raise KeysAway(f"it answers {answer.status_code}")
            body = bytearray()
            # Raw: nothing is decompressed, so a few bytes never become many.
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > BODY_LIMIT_BYTES:
                    raise KeysAway(f"its answer has more than {BODY_LIMIT_BYTES} bytes")
    except TimeoutError:
        raise KeysAway(f"no answer within {TIMEOUT_SECONDS:g} seconds") from None
    # InvalidURL, of a host name that cannot be encoded, is not an HTTPError.
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise KeysAway(f"no answer ({type(error).__name__})") from None
    return parse_key_set(bytes(body))
