"""Who is let in."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from receiver.store.credentials import Role, create_credential, revoke_credential
from tests.api.conftest import Callers

ASK = {"device": {"phoneNumber": "+99999991000"}}


async def status_for(callers: Callers, authorization: str) -> tuple[int, str | None]:
    answer = await callers.nobody.post(
        "/devices/retrieve", json=ASK, headers={"authorization": authorization}
    )
    assert set(answer.json()) == {"status", "code", "message"}
    return answer.status_code, answer.headers.get("www-authenticate")


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic dG9rZW46", "token-of-reader", "Bearer nobody's"],
)
async def test_no_token_or_a_strangers_is_401(callers: Callers, authorization: str) -> None:
    assert await status_for(callers, authorization) == (401, "Bearer")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_read_in_any_case(callers: Callers, scheme: str) -> None:
    assert await status_for(callers, f"{scheme} token-of-reader") == (404, None)


async def test_a_sink_may_not_ask_and_an_admin_may(callers: Callers) -> None:
    assert await status_for(callers, "Bearer token-of-sink") == (403, None)
    assert await status_for(callers, "Bearer token-of-admin") == (404, None)


async def test_a_new_token_works_at_once_until_it_expires_or_is_revoked(
    callers: Callers, conninfo: str
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
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
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("ALTER TABLE credential RENAME TO credential_away")
        assert await status_for(callers, "Bearer nobody's") == (503, None)
        assert await status_for(callers, "Bearer token-of-reader") == (404, None)
        connection.execute("ALTER TABLE credential_away RENAME TO credential")
