"""The keys of an authorization server: fetched, kept through outages, asked for by many at once."""

import asyncio
import gzip
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from flask import Response

from receiver.api.access.tokens import keys as keys_module
from receiver.api.access.tokens.fetching import BODY_LIMIT_BYTES
from receiver.api.access.tokens.key_set import KEYS_LIMIT, KeySet
from receiver.api.access.tokens.keys import Keys
from receiver.errors import KeysAway
from tests.support.authorization_server import AuthorizationServer, rsa_key
from tests.support.loop_clock import LoopClock
from tests.support.signing import RSA, published

Broken = Callable[[AuthorizationServer], Response]


@asynccontextmanager
async def fetched_keys(server: AuthorizationServer) -> AsyncIterator[Keys]:
    """Keys that were fetched once."""
    keys = Keys(server.jwks_url, note_fetch=lambda _: None)
    async with keys.open():
        await keys.refresh()
        yield keys


def kids(keys: Keys) -> set[str | None]:
    return {key.kid for key in keys.known}


def html(_: AuthorizationServer) -> Response:
    return Response("<html><body>Maintenance</body></html>")


def truncated(_: AuthorizationServer) -> Response:
    return Response(published(RSA)[:-20])


def cut_off(_: AuthorizationServer) -> Response:
    body = published(RSA)
    return Response(body[:-20], headers={"content-length": str(len(body))})


def endless(_: AuthorizationServer) -> Response:
    return Response(b" " * 65_536 for _ in range(10 * BODY_LIMIT_BYTES // 65_536))


def dripping(_: AuthorizationServer) -> Response:
    def drops() -> Iterator[bytes]:
        for byte in published(RSA)[:40]:
            time.sleep(0.1)
            yield bytes([byte])

    return Response(drops())


BROKEN: dict[str, Broken] = {
    "500": lambda _: Response(published(RSA), status=500),
    "404": lambda _: Response(published(RSA), status=404),
    "204": lambda _: Response(status=204),
    "redirect": lambda server: Response(
        status=302, headers={"location": f"{server.issuer}/elsewhere"}
    ),
    "html": html,
    "empty body": lambda _: Response(b""),
    "empty object": lambda _: Response("{}"),
    "empty set": lambda _: Response(published()),
    "null": lambda _: Response("null"),
    "keys are no list": lambda _: Response('{"keys": {"a": 1}}'),
    "keys are no keys": lambda _: Response('{"keys": [1, null, "x", [], {}]}'),
    "private": lambda _: Response(json.dumps({"keys": [RSA.as_dict(private=True)]})),
    "too many": lambda _: Response(published(*[RSA] * (KEYS_LIMIT + 1))),
    "deep": lambda _: Response('{"keys":' + "[" * 100_000),
    "not UTF-8": lambda _: Response(b'{"keys": ["\xff"]}'),
    "truncated": truncated,
    "cut off": cut_off,
    "endless": endless,
    "zipped": lambda _: Response(gzip.compress(b" " * 50_000_000)),
    "zipped and said so": lambda _: Response(
        gzip.compress(published(RSA)), headers={"content-encoding": "gzip"}
    ),
    "dripping": dripping,
    "hanging": AuthorizationServer.hang,
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
async def test_whatever_is_not_a_key_set_is_an_outage_and_the_keys_are_kept(
    server: AuthorizationServer, broken: Broken
) -> None:
    async with fetched_keys(server) as keys:
        before = keys.known
        server.answer = lambda: broken(server)
        with pytest.raises(KeysAway):
            await keys.refresh()
        assert keys.known is before
        server.answer = None
        await keys.refresh()
        assert keys.known is before


async def test_a_refused_connection_is_an_outage_too(server: AuthorizationServer) -> None:
    async with fetched_keys(server) as keys:
        before = keys.known
        server.stop()
        with pytest.raises(KeysAway):
            await keys.refresh()
        assert keys.known is before
        server.rotate()
        server.start()
        await keys.refresh()
        assert len(keys.known) == 2 * len(before)


async def test_what_the_sender_reads_of_an_outage_does_not_say_where_the_keys_are(
    server: AuthorizationServer,
) -> None:
    async with fetched_keys(server) as keys:
        server.answer = lambda: Response(status=500)
        with pytest.raises(KeysAway) as refused:
            await keys.refresh()
        assert "127.0.0.1" not in str(refused.value)
        assert "500" not in str(refused.value)


async def test_a_key_that_is_gone_from_the_set_is_gone(server: AuthorizationServer) -> None:
    async with fetched_keys(server) as keys:
        old = kids(keys)
        server.rotate()
        await keys.refresh()
        assert old < kids(keys)
        server.published.remove(server.published[0])
        await keys.refresh()
        assert kids(keys) == {server.signing.kid}


async def test_a_key_replaced_under_its_name_is_another(server: AuthorizationServer) -> None:
    async with fetched_keys(server) as keys:
        before = keys.known
        server.rotate(rsa_key(server.signing.kid), withdraw=True)
        await keys.refresh()
        assert keys.known != before
        assert kids(keys) == {server.signing.kid}


async def test_all_who_ask_share_a_fetch_that_began_after_they_did(
    server: AuthorizationServer,
) -> None:
    async with fetched_keys(server) as keys:
        asked, answered = threading.Event(), threading.Event()
        # Made before the fetch that waits for the test: on a busy machine that takes a while.
        fresh = rsa_key()

        def slow_and_stale() -> Response:
            said = published(*server.published)
            asked.set()
            answered.wait(10)
            return Response(said)

        server.answer = slow_and_stale
        early = asyncio.create_task(keys.refresh())
        await asyncio.to_thread(asked.wait, 10)
        server.rotate(fresh)
        server.answer = None
        late = [asyncio.create_task(keys.refresh()) for _ in range(100)]
        before = server.fetches
        answered.set()
        await early
        assert server.signing.kid not in kids(keys)
        await asyncio.gather(*late)
        assert server.signing.kid in kids(keys)
        assert server.fetches == before + 1


async def test_the_time_of_a_fetch_is_told_only_when_it_succeeds(
    server: AuthorizationServer,
) -> None:
    times: list[datetime] = []
    keys = Keys(server.jwks_url, note_fetch=times.append)
    async with keys.open():
        await keys.refresh()
        server.answer = lambda: html(server)
        number = len(times)
        with pytest.raises(KeysAway):
            await keys.refresh()
        assert len(times) == number > 1
        assert times == sorted(times)


async def test_a_fetch_that_hangs_holds_a_caller_up_for_a_bounded_time_and_no_later_one(
    server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch, clock: LoopClock
) -> None:
    hangs = asyncio.Event()

    async def hang(_client: object, _url: str) -> KeySet:
        hangs.set()
        await asyncio.Event().wait()
        return frozenset()

    keys = Keys(server.jwks_url, note_fetch=lambda _: None)
    async with keys.open():
        with monkeypatch.context() as patched:
            patched.setattr(keys_module, "fetch", hang)
            for _ in range(2):
                hangs.clear()
                asked = asyncio.create_task(keys.refresh())
                await hangs.wait()
                assert not asked.done()
                clock.advance(keys_module.FETCH_LIMIT_SECONDS)
                with pytest.raises(KeysAway, match="out of reach"):
                    await asked
        await keys.refresh()
        assert kids(keys) != set()
