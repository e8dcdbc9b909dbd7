"""A key set is fetched within bounds, and an answer that is none says why without its content."""

import gzip
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Response

from receiver.api.access.tokens.fetching import BODY_LIMIT_BYTES, fetch, make_client
from receiver.errors import KeysAway
from tests.support.authorization_server import AuthorizationServer
from tests.support.signing import RSA, published

Answer = Callable[[], Response]


async def fetched_kids(url: str) -> set[str | None]:
    async with make_client(url) as client:
        return {key.kid for key in await fetch(client, url)}


def endless() -> Response:
    return Response(b" " * 65_536 for _ in range(10 * BODY_LIMIT_BYTES // 65_536))


def drops() -> Iterator[bytes]:
    for byte in published(RSA)[:40]:
        time.sleep(0.1)
        yield bytes([byte])


async def test_the_published_keys_are_fetched(server: AuthorizationServer) -> None:
    assert await fetched_kids(server.jwks_url) == {server.signing.kid}
    assert server.fetches == 1


async def test_a_key_set_of_the_largest_size_is_taken(server: AuthorizationServer) -> None:
    server.answer = lambda: Response(published(RSA).ljust(BODY_LIMIT_BYTES))
    assert await fetched_kids(server.jwks_url) == {"rsa"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda: Response(published(RSA), status=500), "it answers 500"),
        (lambda: Response(status=302, headers={"location": "/elsewhere"}), "it answers 302"),
        (endless, f"its answer has more than {BODY_LIMIT_BYTES} bytes"),
        (lambda: Response(drops()), "no answer within"),
        (lambda: Response(published(RSA)[:-20]), "what it answers is not a key set"),
        (
            lambda: Response(gzip.compress(published(RSA)), headers={"content-encoding": "gzip"}),
            "what it answers is not a key set",
        ),
    ],
    ids=["500", "redirect", "endless", "dripping", "cut short", "compressed"],
)
async def test_an_answer_that_is_no_key_set_is_an_outage(
    server: AuthorizationServer, answer: Answer, reason: str
) -> None:
    server.answer = answer
    with pytest.raises(KeysAway, match=reason) as away:
        await fetched_kids(server.jwks_url)
    assert "127.0.0.1" not in str(away.value)


async def test_a_server_that_is_down_is_an_outage(server: AuthorizationServer) -> None:
    server.stop()
    with pytest.raises(KeysAway, match=r"no answer \(ConnectError\)"):
        await fetched_kids(server.jwks_url)


async def test_a_host_name_that_cannot_be_encoded_is_an_outage() -> None:
    with pytest.raises(KeysAway, match="no answer"):
        await fetched_kids(f"https://{'x' * 64}.invalid/jwks")


@pytest.mark.parametrize(
    ("url", "is_used"),
    [("https://issuer.invalid/jwks", True), ("http://127.0.0.1:1/jwks", False)],
)
async def test_a_proxy_of_the_environment_leads_only_to_another_machine(
    monkeypatch: pytest.MonkeyPatch, url: str, is_used: bool
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with make_client(url) as client:
        assert bool(client._mounts) == is_used
        assert not client.follow_redirects
