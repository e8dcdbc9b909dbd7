"""Connections fail in one line without a secret, and no statement runs for ever."""

import asyncio

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from receiver.errors import Unavailable
from receiver.store.connections.database import connect, connect_async, session
from receiver.store.connections.silence import may_be_distributed
from tests.support.cluster import Cluster

AWAY = "postgresql://receiver:s3cret-word@127.0.0.1:1/receiver"


def test_a_failure_is_one_line_without_the_password() -> None:
    with pytest.raises(Unavailable, match=r"cannot be reached: .*127\.0\.0\.1") as refused:
        connect(AWAY)
    assert "s3cret-word" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_every_form_that_libpq_reads_connects(conninfo: str) -> None:
    parts = conninfo_to_dict(conninfo)
    words = make_conninfo("", **parts)
    assert "://" not in words
    two_hosts = make_conninfo(
        words, host=f"/nowhere,{parts['host']}", port=f"1,{parts.get('port', 5432)}"
    )
    for form in (conninfo, words, two_hosts):
        with connect(form, "the caller") as connection:
            name = connection.execute("SELECT current_setting('application_name')").fetchone()
        assert name == ("the caller",)


def test_each_command_of_a_connection_is_its_own_transaction(conninfo: str) -> None:
    with connect(conninfo) as connection, connect(conninfo) as other:
        connection.execute("CREATE TABLE seen ()")
        assert other.execute("SELECT to_regclass('seen') IS NOT NULL").fetchone() == (True,)


def test_a_failed_statement_is_unavailable_with_its_sqlstate_alone(conninfo: str) -> None:
    with pytest.raises(Unavailable, match=r"\(SQLSTATE 22P02\)") as refused:  # noqa: SIM117
        with session(conninfo) as connection:
            connection.execute("SELECT '+99999990815'::boolean")
    assert "99999990815" not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("-c default_transaction_read_only=on", "it is read-only (SQLSTATE 25006)"),
        ("-c role=pg_monitor", "the login lacks a right, which `receiver doctor` names"),
    ],
)
def test_what_an_operator_can_change_is_said(conninfo: str, options: str, words: str) -> None:
    with pytest.raises(Unavailable) as refused:  # noqa: SIM117
        with session(make_conninfo(conninfo, options=options)) as connection:
            connection.execute("DELETE FROM credential")
    assert words in str(refused.value)


def test_a_session_ends_with_its_block(conninfo: str) -> None:
    with session(conninfo) as connection:
        pass
    assert connection.closed


async def test_a_statement_that_takes_too_long_is_cancelled(conninfo: str) -> None:
    connection = await connect_async(
        conninfo, statement_timeout_seconds=0.2, prepare_threshold=None
    )
    with pytest.raises(psycopg.errors.QueryCanceled):
        await connection.execute("SELECT pg_sleep(30)")
    await connection.close()


@pytest.mark.parametrize(("threshold", "prepared"), [(None, 0), (1, 1)])
async def test_statements_are_prepared_only_from_the_threshold_on(
    conninfo: str, threshold: int | None, prepared: int
) -> None:
    connection = await connect_async(
        conninfo, statement_timeout_seconds=5, prepare_threshold=threshold
    )
    for number in range(3):
        await connection.execute("SELECT %s::integer", [number])
    found = await connection.execute(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1%'"
    )
    assert await found.fetchone() == (prepared,)
    await connection.close()


async def test_a_start_that_fails_half_way_leaves_no_connection(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[psycopg.AsyncConnection] = []

    async def fail(connection: psycopg.AsyncConnection, *_: object, **_options: object) -> None:
        opened.append(connection)
        raise asyncio.CancelledError

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", fail)
    with pytest.raises(asyncio.CancelledError):
        await connect_async(conninfo, statement_timeout_seconds=5, prepare_threshold=None)
    assert [connection.closed for connection in opened] == [True]


async def test_a_connection_knows_whether_events_are_distributed(
    conninfo: str, cluster: Cluster
) -> None:
    connection = await connect_async(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    async with connection:
        assert may_be_distributed(connection) is cluster.is_distributed
