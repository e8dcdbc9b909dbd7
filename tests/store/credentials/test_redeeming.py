"""A link is redeemed once, by whoever comes first, while it and its credential are valid."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    list_credentials,
    rotate_credential,
)
from receiver.store.credentials.links import make_link
from receiver.store.credentials.redeeming import Redeeming
from tests.support.ageing import execute
from tests.support.store.database import column
from tests.support.tables import away

TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def key(conninfo: str) -> str:
    """Of a link that signs in the only reader."""
    create_credential(conninfo, "the-reader", Role.READER, b"\1", TOMORROW)
    return make_link(conninfo).key


@pytest.fixture
def redeeming(engine: AsyncEngine) -> Redeeming:
    return Redeeming(engine)


async def test_a_link_signs_in_its_credential_once(
    conninfo: str, redeeming: Redeeming, key: str
) -> None:
    assert await redeeming.redeem(key) == list_credentials(conninfo)[0]
    assert await redeeming.redeem(key) is None
    assert column(conninfo, "SELECT count(*) FROM console_link") == ["0"]


async def test_of_replicas_that_redeem_a_link_at_once_one_has_it(
    engine: AsyncEngine, key: str
) -> None:
    replicas = [Redeeming(engine) for _ in range(2)]
    found = await asyncio.gather(*(one.redeem(key) for one in replicas * 3))
    assert sum(one is not None for one in found) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE console_link SET expires_at = now()",
        "UPDATE credential SET revoked_at = now()",
        "UPDATE credential_token SET expires_at = now()",
    ],
)
async def test_a_link_that_is_worth_nothing_signs_nobody_in_and_goes(
    conninfo: str, redeeming: Redeeming, key: str, change: str
) -> None:
    execute(conninfo, change)
    assert await redeeming.redeem(key) is None
    assert column(conninfo, "SELECT count(*) FROM console_link") == ["0"]


@pytest.mark.parametrize("key", ["", "guessed", "\0", "\udcff", "x" * 100_000])
async def test_what_is_no_key_signs_nobody_in(redeeming: Redeeming, key: str) -> None:
    assert await redeeming.redeem(key) is None


async def test_the_newest_valid_token_is_that_of_the_session(
    conninfo: str, redeeming: Redeeming, key: str
) -> None:
    rotate_credential(conninfo, "the-reader", b"\2", None, overlap=timedelta(days=2))
    found = await redeeming.redeem(key)
    assert found is not None
    assert (found.token_digest, found.expires_at) == (b"\2", None)
    link = make_link(conninfo)
    execute(conninfo, "UPDATE credential_token SET expires_at = now() WHERE token_digest = '\\x02'")
    found = await redeeming.redeem(link.key)
    assert found is not None
    assert (found.token_digest, found.expires_at) == (b"\1", TOMORROW)


async def test_a_database_that_is_away_leaves_the_link(
    conninfo: str, redeeming: Redeeming, key: str
) -> None:
    async with away(conninfo, "console_link"):
        with pytest.raises(DatabaseAway):
            await redeeming.redeem(key)
    assert await redeeming.redeem(key) is not None
