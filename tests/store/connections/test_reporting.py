"""Sessions for reports read the views and nothing else, or say in one line what they lack."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from receiver.errors import ConfigurationError
from receiver.settings.database_url import read_database_url
from receiver.store.connections import reporting
from receiver.store.connections.database import connect
from receiver.store.connections.reporting import ROLE, compose_url, require_role
from tests.support.pooler import transaction_pooler
from tests.support.store.logins import modest_login
from tests.support.urls import url_of

OTHER_SCHEMA = (
    "postgresql://ana:p%40ss@a:1,b:2/reports?options=-csearch_path%3Dtenant&sslmode=allow"
)


@pytest.fixture
def modest(conninfo: str) -> Iterator[str]:
    """How a login that may only connect reaches a migrated database; its name needs quotes."""
    with modest_login(conninfo, f"Modest-{os.getpid()}") as modest:
        yield modest


def refusal_of(conninfo: str) -> str:
    """Returns the one line with which a connection is refused."""
    with connect(conninfo) as connection, pytest.raises(ConfigurationError) as refused:
        require_role(connection)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def grants_in(line: str) -> sql.SQL:
    """Returns the commands that an administrator copies from a line."""
    return sql.SQL(line.partition("an administrator runs: ")[2])


def test_a_session_has_the_role_reads_only_and_for_five_minutes_at_most(conninfo: str) -> None:
    settings = "role", "TimeZone", "default_transaction_read_only", "search_path"
    with psycopg.connect(compose_url(url_of(conninfo)), autocommit=True) as connection:
        found = [connection.execute(f"SHOW {name}").fetchone() for name in settings]
        assert found == [(ROLE,), ("UTC",), ("on",), ("reporting",)]
        assert connection.execute("SHOW statement_timeout").fetchone() == ("5min",)
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (0,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TEMPORARY TABLE mine ()")
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET transaction_read_only = off; RESET ROLE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT FROM public.event")


def test_a_url_keeps_what_it_says_and_gains_options() -> None:
    composed = compose_url(OTHER_SCHEMA)
    options = (
        f"-csearch_path=tenant -c role={ROLE} -c TimeZone=UTC -c default_transaction_read_only=on"
        " -c statement_timeout=5min -c search_path=reporting"
    )
    assert conninfo_to_dict(composed) == {**conninfo_to_dict(OTHER_SCHEMA), "options": options}
    assert read_database_url(composed) == composed
    plain = compose_url("postgresql://ana@a/reports")
    assert conninfo_to_dict(plain) == {
        **conninfo_to_dict("postgresql://ana@a/reports"),
        "options": options.removeprefix("-csearch_path=tenant "),
    }


def test_a_login_becomes_the_role_with_the_grant_that_it_is_told(
    conninfo: str, modest: str
) -> None:
    line = refusal_of(modest)
    assert "may not become receiver_reporting" in line
    with psycopg.connect(conninfo) as administrator:
        administrator.execute(grants_in(line))
    with connect(modest) as connection:
        require_role(connection)
        assert connection.execute("SELECT current_user").fetchone() == (ROLE,)
    with psycopg.connect(compose_url(url_of(modest))) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (0,)
        connection.rollback()
        # The login itself may read no view and no table here.
        connection.execute("SET ROLE NONE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT FROM public.event")


def test_a_server_without_the_role_is_told_how_to_make_it(
    conninfo: str, modest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"reporting_{os.getpid()}"
    for name in ("BECOME", "MAKE_ROLE", "GRANT_VIEWS"):
        renamed = getattr(reporting, name).replace(ROLE, role)
        monkeypatch.setattr(reporting, name, renamed)
    monkeypatch.setattr(reporting, "ROLE", role)
    line = refusal_of(modest)
    assert f"there is no role {role}" in line
    with psycopg.connect(conninfo) as administrator:
        administrator.execute(grants_in(line))
        administrator.commit()
        with connect(modest) as connection:
            require_role(connection)
            assert connection.execute("SELECT count(*) FROM reporting.event").fetchone() == (0,)
        administrator.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_pooler_is_refused_with_the_way_past_it(conninfo: str) -> None:
    with transaction_pooler(conninfo) as pooled:
        assert "DATABASE_DIRECT_URL" in refusal_of(pooled)
