"""Credentials in the database and in memory."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from receiver.errors import ConfigurationError, Unavailable
from receiver.store.credentials import (
    CredentialBook,
    Role,
    create_credential,
    list_credentials,
    revoke_credential,
)
from receiver.store.database import question_engine

DIGEST = b"\1" * 32
TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
async def book(conninfo: str) -> AsyncIterator[CredentialBook]:
    engine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=5, prepare_threshold=None
    )
    yield CredentialBook(engine)
    await engine.dispose()


def test_a_credential_is_listed_as_it_was_created(conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, TOMORROW)
    [listed] = list_credentials(conninfo)
    assert (listed.name, listed.role, listed.token_digest) == ("operator", Role.SINK, DIGEST)
    assert listed.expires_at == TOMORROW
    assert listed.revoked_at is None
    assert listed.is_valid(TOMORROW - timedelta(seconds=1))
    assert not listed.is_valid(TOMORROW)


@pytest.mark.parametrize(
    ("name", "digest", "used"), [("operator", b"\2" * 32, "name"), ("other", DIGEST, "token")]
)
def test_neither_names_nor_tokens_are_used_again(
    conninfo: str, name: str, digest: bytes, used: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    revoke_credential(conninfo, "operator")
    with pytest.raises(ConfigurationError, match=f"this {used} was used before"):
        create_credential(conninfo, name, Role.READER, digest, None)


def test_revoking_twice_keeps_the_first_time_and_a_stranger_is_an_error(conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    revoke_credential(conninfo, "operator")
    [first] = list_credentials(conninfo)
    revoke_credential(conninfo, "operator")
    assert list_credentials(conninfo) == [first]
    with pytest.raises(ConfigurationError, match="no credential of this name"):
        revoke_credential(conninfo, "nobody")


async def test_a_credential_made_after_the_last_look_is_found_by_a_fresh_one(
    book: CredentialBook, conninfo: str
) -> None:
    assert await book.find(DIGEST) is None
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    found = await book.find(DIGEST)
    assert found is not None
    assert found.name == "operator"


async def test_a_revocation_is_seen_at_the_next_look(book: CredentialBook, conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    await book.find(DIGEST)
    revoke_credential(conninfo, "operator")
    await book.refresh()
    found = await book.find(DIGEST)
    assert found is not None
    assert found.revoked_at is not None


async def test_many_strangers_share_looks_that_began_after_each_of_them(
    book: CredentialBook, conninfo: str
) -> None:
    """All wait behind a locked table; the one created meanwhile must be found by all."""
    with psycopg.connect(conninfo) as lock:
        lock.execute("LOCK TABLE credential IN ACCESS EXCLUSIVE MODE")
        early = asyncio.create_task(book.find(DIGEST))
        await asyncio.sleep(0.1)
        late = [asyncio.create_task(book.find(DIGEST)) for _ in range(50)]
        await asyncio.sleep(0)
        lock.execute("INSERT INTO credential VALUES ('operator', 'sink', %s)", [DIGEST])
        with psycopg.connect(conninfo, autocommit=True) as other:
            looks = other.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            ).fetchone()
        lock.commit()
    found = await asyncio.gather(early, *late)
    assert looks == (1,)
    assert {credential.name for credential in found if credential is not None} == {"operator"}
    assert all(credential is not None for credential in found[1:])


async def test_a_known_token_survives_an_outage_and_an_unknown_one_is_not_called_wrong() -> None:
    engine = question_engine(
        "postgresql://receiver@127.0.0.1:1/receiver",
        pool_size=1,
        statement_timeout_seconds=1,
        prepare_threshold=None,
    )
    with pytest.raises(Unavailable):
        await CredentialBook(engine).find(DIGEST)
    await engine.dispose()
