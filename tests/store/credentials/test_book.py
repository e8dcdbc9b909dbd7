"""The book of credentials: one shared read for strangers, and trust for a bounded time."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway, Unavailable
from receiver.store.connections.engine import asking, prompt_engine, question_engine
from receiver.store.credentials import book as credential_book
from receiver.store.credentials.book import CredentialBook
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    list_credentials,
    revoke_credential,
)
from tests.support.relay import relayed
from tests.support.tables import away

DIGEST = b"\1" * 32
NOW = datetime.now(UTC)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def book(engine: AsyncEngine) -> CredentialBook:
    return CredentialBook(engine, trust_seconds=3600)


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


CHANGES = [
    "UPDATE credential SET revoked_at = now()",
    "UPDATE credential SET types = '{a.b}'",
    "UPDATE credential SET sources = '{https://a.invalid}'",
    "UPDATE credential SET role = 'reader'",
    "UPDATE credential_token SET expires_at = now()",
    "UPDATE credential_token SET token_digest = sha256('another')",
    "DELETE FROM credential_token",
    "INSERT INTO credential_token VALUES (sha256('another'), 'operator')",
]


@pytest.mark.parametrize("change", CHANGES)
async def test_the_rows_are_read_again_once_any_of_them_has_changed(
    book: CredentialBook, conninfo: str, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    await book.refresh()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("UPDATE credential SET last_used_at = now()")
        monkeypatch.setattr(credential_book, "ALL", "no question")
        await book.refresh()
        connection.execute(change.encode())
        with pytest.raises(Unavailable, match="42601"):
            await book.refresh()
        monkeypatch.undo()
        await book.refresh()
        listed = {(one.name, one.token_digest, one.revoked_at) for one in book.known}
    assert listed == {
        (one.name, one.token_digest, one.revoked_at) for one in list_credentials(conninfo)
    }


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


async def test_uses_that_cannot_be_stored_are_stored_by_the_next_call(
    book: CredentialBook, conninfo: str
) -> None:
    for name, digest in (("first", DIGEST), ("second", b"\2" * 32)):
        create_credential(conninfo, name, Role.SINK, digest, None)
    book.note_use("first", NOW)
    book.note_use("second", NOW)
    async with away(conninfo, "credential"):
        with pytest.raises(Unavailable):
            await book.write_uses()
    book.note_use("second", TOMORROW)
    await book.write_uses()
    used = {listed.name: listed.last_used_at for listed in list_credentials(conninfo)}
    assert used == {"first": NOW, "second": TOMORROW}


async def test_only_the_last_read_is_remembered(book: CredentialBook, conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    assert (book.remembered(DIGEST), book.known) == (None, [])
    await book.refresh()
    assert [book.remembered(DIGEST)] == book.known
    assert book.remembered(b"\2" * 32) is None


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


async def test_a_look_that_hangs_holds_a_caller_up_for_a_bounded_time_and_no_later_one(
    conninfo: str, tmp_path: Path
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    with relayed(tmp_path / "way", conninfo) as relay:
        engine = prompt_engine(
            relay.conninfo,
            pool_size=4,
            limit_seconds=1.0,
            statement_timeout_seconds=60,
            prepare_threshold=None,
        )
        # Trusted for so short a time that a call beyond the last look looks again.
        book = CredentialBook(engine, trust_seconds=0.3, patience_seconds=0.2)
        async with AsyncExitStack() as stack:
            for _ in range(4):
                await stack.enter_async_context(asking(engine))
        await book.refresh()
        relay.fail_over()
        await asyncio.sleep(0.4)
        with pytest.raises(DatabaseAway):
            await book.find(DIGEST)
        # The look goes on without its caller until the old server is let go of, on all connections;
        # the next one is at the new server.
        await book.refresh()
        assert await book.find(DIGEST) is not None
        await book.close()
        await engine.dispose()
