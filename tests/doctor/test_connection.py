"""The way to the database: a pooler, a read-only time and a missing right each have their line."""

import os
from collections.abc import Iterator

import psycopg
import pytest

from receiver.app.database import Database
from receiver.doctor import connection
from receiver.doctor.diagnosis import CheckResult, CheckState
from receiver.settings.settings import Settings
from receiver.store.connections.database import connect
from tests.support.pooler import transaction_pooler
from tests.support.store.logins import modest_login
from tests.support.store.read_only import read_only


@pytest.fixture
def pooled(conninfo: str) -> Iterator[str]:
    """The database of the test, through a pooler in transaction mode."""
    with transaction_pooler(conninfo, size=20) as through:
        yield through


def check(conninfo: str, direct_conninfo: str | None = None) -> CheckResult:
    """What the doctor says of the way to a database."""
    return connection.check_pooler(Database(conninfo, direct_conninfo or conninfo), Settings())


def test_without_a_pooler_all_is_well(conninfo: str) -> None:
    assert check(conninfo).state is CheckState.OK


def test_a_pooler_without_a_way_past_it_is_well(pooled: str) -> None:
    found = check(pooled)
    assert (found.state, "in transaction mode" in found.message) == (CheckState.OK, True)


def test_a_pooler_with_a_way_past_it_is_well(conninfo: str, pooled: str) -> None:
    found = check(pooled, conninfo)
    assert (found.state, "no statement is prepared" in found.message) == (CheckState.OK, True)


def test_urls_of_two_databases_fail(conninfo: str, empty_conninfo: str) -> None:
    found = check(conninfo, empty_conninfo)
    assert found.state is CheckState.FAILED
    assert "DATABASE_URL and DATABASE_DIRECT_URL" in found.message


def test_tables_that_a_pooler_does_not_show_fail(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as administrator:
        name = administrator.info.dbname
        administrator.execute(f"ALTER DATABASE {name} SET search_path = elsewhere")
    with transaction_pooler(conninfo) as pooled:
        found = check(pooled, conninfo)
    assert (found.state, "search_path" in found.message) == (CheckState.FAILED, True)


def test_a_read_only_time_fails(conninfo: str) -> None:
    with read_only(conninfo), connect(conninfo) as opened:
        found = connection.check_writable(opened)
    assert (found.state, "read_only" in found.message) == (CheckState.FAILED, True)
    with connect(conninfo) as opened:
        assert connection.check_writable(opened).state is CheckState.OK


def test_a_missing_right_fails_with_the_grant(conninfo: str) -> None:
    login = f"weak_{os.getpid()}"
    with modest_login(conninfo, login) as modest, connect(modest) as opened:
        found = connection.check_rights(opened)
    assert found.state is CheckState.FAILED
    assert f"TO {login};" in found.message
    with connect(conninfo) as opened:
        assert connection.check_rights(opened).state is CheckState.OK
