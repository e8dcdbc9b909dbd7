"""Credentials in the database and in memory."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from receiver.errors import ConfigurationError, Unavailable
from receiver.store.connections.engine import question_engine
from receiver.store.credentials.book import CredentialBook
from receiver.store.credentials.credentials import (
    Credential,
    Role,
    create_credential,
    list_credentials,
    revoke_credential,
    rotate_credential,
)
from tests.support.tables import away

DIGEST = b"\1" * 32
SECOND = b"\2" * 32
NOW = datetime.now(UTC)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
async def book(conninfo: str) -> AsyncIterator[CredentialBook]:
    engine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=5, prepare_threshold=None
    )
    yield CredentialBook(engine, trust_seconds=3600)
    await engine.dispose()


def test_a_credential_is_listed_as_it_was_created(conninfo: str) -> None:
    create_credential(
        conninfo, "operator", Role.SINK, DIGEST, TOMORROW, types=["*.roaming-*"], sources=["/a/*"]
    )
    [listed] = list_credentials(conninfo)
    assert (listed.name, listed.role, listed.token_digest) == ("operator", Role.SINK, DIGEST)
    assert (listed.expires_at, listed.revoked_at, listed.last_used_at) == (TOMORROW, None, None)
    assert (listed.types, listed.sources) == (("*.roaming-*",), ("/a/*",))
    assert listed.is_valid(TOMORROW - timedelta(seconds=1))
    assert not listed.is_valid(TOMORROW)


@pytest.mark.parametrize(
    ("name", "digest", "used"), [("operator", SECOND, "name"), ("other", DIGEST, "token")]
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


def test_rotating_lets_the_old_token_end_with_the_overlap_and_no_later(conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    rotate_credential(conninfo, "operator", SECOND, None, overlap=timedelta(hours=2))
    rotate_credential(conninfo, "operator", b"\3" * 32, TOMORROW, overlap=timedelta(hours=5))
    first, second, third = list_credentials(conninfo)
    assert first.expires_at is not None
    assert second.expires_at is not None
    assert first.expires_at - first.created_at < timedelta(hours=2, minutes=1)
    assert timedelta(hours=4) < second.expires_at - second.created_at < timedelta(hours=6)
    assert third.expires_at == TOMORROW


def test_only_a_living_credential_is_rotated(conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    with pytest.raises(ConfigurationError, match="this token was used before"):
        rotate_credential(conninfo, "operator", DIGEST, None, overlap=timedelta(hours=1))
    revoke_credential(conninfo, "operator")
    for name in ("operator", "nobody"):
        with pytest.raises(ConfigurationError, match="no unrevoked credential"):
            rotate_credential(conninfo, name, SECOND, None, overlap=timedelta(hours=1))


@pytest.mark.parametrize(
    ("types", "sources", "type_", "source", "allowed"),
    [
        ((), (), "any.type", None, True),
        (("*.roaming-*", "*.subscription-*"), (), "a.b.roaming-on", None, True),
        (("*.roaming-*",), (), "a.b.connectivity-data", "x", False),
        (("*.Roaming-*",), (), "a.b.roaming-on", "x", False),
        ((), ("https://operator.example/*",), "t", "https://operator.example/subs/1", True),
        ((), ("https://operator.example/*",), "t", "https://other.example/subs/1", False),
        ((), ("*",), "ROAMING_STATUS", None, False),
        (("a.*",), ("s",), "a.b", "s", True),
        (("a.*",), ("s",), "a.b", "t", False),
    ],
)
def test_patterns_say_what_a_credential_may_send(
    types: tuple[str, ...], sources: tuple[str, ...], type_: str, source: str | None, allowed: bool
) -> None:
    credential = Credential("n", Role.SINK, DIGEST, NOW, None, None, types, sources)
    assert credential.may_send(type_, source) is allowed


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
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        with psycopg.connect(conninfo, autocommit=True) as other:
            while other.execute(waiting).fetchone() != (1,):
                await asyncio.sleep(0.01)
            late = [asyncio.create_task(book.find(DIGEST)) for _ in range(50)]
            await asyncio.sleep(0.1)
            assert other.execute(waiting).fetchone() == (1,)
        lock.execute("INSERT INTO credential (name, role) VALUES ('operator', 'sink')")
        lock.execute("INSERT INTO credential_token VALUES (%s, 'operator')", [DIGEST])
        lock.commit()
    found = await asyncio.gather(early, *late)
    assert {credential.name for credential in found[1:] if credential is not None} == {"operator"}
    assert all(credential is not None for credential in found[1:])


async def test_an_unknown_token_is_not_called_wrong_when_it_cannot_be_checked() -> None:
    engine = question_engine(
        "postgresql://receiver@127.0.0.1:1/receiver",
        pool_size=1,
        statement_timeout_seconds=1,
        prepare_threshold=None,
    )
    with pytest.raises(Unavailable):
        await CredentialBook(engine, trust_seconds=3600).find(DIGEST)
    await engine.dispose()


@pytest.mark.parametrize(("trust_seconds", "admitted"), [(3600.0, True), (0.01, False)])
async def test_a_known_token_survives_an_outage_for_a_bounded_time(
    conninfo: str, trust_seconds: float, admitted: bool
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=5, prepare_threshold=None
    )
    book = CredentialBook(engine, trust_seconds=trust_seconds)
    await book.refresh()
    async with away(conninfo, "credential"):
        await asyncio.sleep(0.05)
        if admitted:
            assert await book.find(DIGEST) is not None
        else:
            with pytest.raises(Unavailable):
                await book.find(DIGEST)
    await engine.dispose()


async def test_the_last_use_is_written_down_and_never_goes_back(
    book: CredentialBook, conninfo: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    for at in (TOMORROW, NOW):
        book.note_use("operator", at)
        await book.write_uses()
    [listed] = list_credentials(conninfo)
    assert listed.last_used_at == TOMORROW


async def test_a_use_that_could_not_be_written_is_written_by_the_next_call(
    book: CredentialBook, conninfo: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    book.note_use("operator", NOW)
    async with away(conninfo, "credential"):
        with pytest.raises(Unavailable):
            await book.write_uses()
    await book.write_uses()
    [listed] = list_credentials(conninfo)
    assert listed.last_used_at == NOW


async def test_a_write_of_uses_that_is_cancelled_loses_none(
    book: CredentialBook, conninfo: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    book.note_use("operator", NOW)
    with psycopg.connect(conninfo) as blocker:
        blocker.execute("LOCK TABLE credential IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(book.write_uses(), 0.2)
    await book.write_uses()
    [listed] = list_credentials(conninfo)
    assert listed.last_used_at == NOW
