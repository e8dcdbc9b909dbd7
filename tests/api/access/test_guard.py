"""Who is let in."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from receiver.app.application import create_app
from receiver.events.examples import NOTIFICATION
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    revoke_credential,
    rotate_credential,
)
from tests.support.callers import Callers
from tests.support.tables import away

# Of nobody here, so that whoever may ask gets 404.
ASK = {"device": {"phoneNumber": "+99999991042"}}


async def status_for(callers: Callers, authorization: str) -> tuple[int, str | None]:
    answer = await callers.nobody.post(
        "/devices/retrieve", json=ASK, headers={"authorization": authorization}
    )
    assert set(answer.json()) == {"status", "code", "message"}
    return answer.status_code, answer.headers.get("www-authenticate")


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Basic dG9rZW46", "token-of-reader", "Bearer nobody's"],
)
async def test_no_token_or_a_strangers_is_401(shared_callers: Callers, authorization: str) -> None:
    assert await status_for(shared_callers, authorization) == (401, "Bearer")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_read_in_any_case(shared_callers: Callers, scheme: str) -> None:
    assert await status_for(shared_callers, f"{scheme} token-of-reader") == (404, None)


def count_kept(conninfo: str) -> int:
    """Returns how many notifications are in quarantine."""
    with psycopg.connect(conninfo) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM quarantine").fetchall()
    return int(count)


WRAPPED = ("Bearer Bearer {}", 'Bearer "{}"', "Bearer\t{}", "Bearer   {}", '"bearer {}"')


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("path", ["/notifications", "/notifications/", "/webhook"])
async def test_what_is_certainly_the_token_is_taken_on_every_way_to_the_sink(
    shared_callers: Callers, callers_conninfo: str, wrapped: str, path: str
) -> None:
    before = count_kept(callers_conninfo)
    headers = {"authorization": wrapped.format("token-of-sink")}
    answer = await shared_callers.nobody.post(path, json=NOTIFICATION, headers=headers)
    assert answer.status_code == (404 if path == "/webhook" else 204)
    kept = 1 if path == "/webhook" else 0
    assert count_kept(callers_conninfo) - before == kept


@pytest.mark.parametrize("wrapped", WRAPPED)
async def test_what_is_certainly_the_token_may_ask(shared_callers: Callers, wrapped: str) -> None:
    assert await status_for(shared_callers, wrapped.format("token-of-reader")) == (404, None)
    assert await status_for(shared_callers, wrapped.format("nobody's")) == (401, "Bearer")


async def test_a_sink_may_not_ask_and_an_admin_may(shared_callers: Callers) -> None:
    assert await status_for(shared_callers, "Bearer token-of-sink") == (403, None)
    assert await status_for(shared_callers, "Bearer token-of-admin") == (404, None)


async def test_a_new_token_works_at_once_until_it_expires_or_is_revoked(
    callers: Callers, conninfo: str
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    for name, expires_at in (("brief", soon), ("lasting", None)):
        digest = hashlib.sha256(name.encode()).digest()
        create_credential(conninfo, name, Role.READER, digest, expires_at)
        assert await status_for(callers, f"Bearer {name}") == (404, None)
    revoke_credential(conninfo, "lasting")
    for name in ("brief", "lasting"):
        while (answer := await status_for(callers, f"Bearer {name}"))[0] == 404:
            await asyncio.sleep(0.05)
        assert answer == (401, "Bearer")


async def test_an_unknown_token_is_503_when_it_cannot_be_checked(
    callers: Callers, conninfo: str
) -> None:
    async with away(conninfo, "credential"):
        assert await status_for(callers, "Bearer nobody's") == (503, None)
        assert await status_for(callers, "Bearer token-of-reader") == (404, None)


async def test_a_credential_sends_only_what_its_patterns_allow(
    callers: Callers, conninfo: str
) -> None:
    create_credential(
        conninfo,
        "narrow",
        Role.SINK,
        hashlib.sha256(b"narrow").digest(),
        None,
        types=["*.roaming-*"],
        sources=["https://operator.example/*"],
    )
    headers = {"authorization": "Bearer narrow"}

    async def post(**members: str) -> int:
        notification = {**NOTIFICATION, **members}
        answer = await callers.nobody.post("/notifications", json=notification, headers=headers)
        return answer.status_code

    assert await post() == 204
    assert await post(type="org.camaraproject.device-status.v0.connectivity-data") == 403
    assert await post(source="https://elsewhere.example/") == 403
    batch = [NOTIFICATION, {**NOTIFICATION, "source": "//elsewhere"}]
    answer = await callers.nobody.post(
        "/notifications",
        json=batch,
        headers={**headers, "content-type": "application/cloudevents-batch+json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert "[1] The credential may not send" in answer.json()["message"]
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT * FROM quarantine").fetchall() == []


async def test_both_tokens_work_while_they_overlap(callers: Callers, conninfo: str) -> None:
    digest = hashlib.sha256(b"next").digest()
    rotate_credential(conninfo, "the-reader", digest, None, overlap=timedelta(seconds=2))
    for token in ("token-of-reader", "next"):
        assert await status_for(callers, f"Bearer {token}") == (404, None)
    while (await status_for(callers, "Bearer token-of-reader"))[0] == 404:
        await asyncio.sleep(0.1)
    assert await status_for(callers, "Bearer next") == (404, None)


async def test_an_expired_token_is_admitted_for_the_grace_that_was_granted(
    conninfo: str, settings: Settings
) -> None:
    digest = hashlib.sha256(b"late").digest()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    create_credential(conninfo, "late", Role.READER, digest, yesterday)
    for grace, expected in ((0, 401), (2 * 86_400, 404), (3600, 401)):
        app = create_app(settings.model_copy(update={"expired_token_grace": grace}))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://x.invalid"
            ) as client:
                answer = await client.post(
                    "/devices/retrieve", json=ASK, headers={"authorization": "Bearer late"}
                )
        assert answer.status_code == expected
