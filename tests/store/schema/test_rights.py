"""A missing right is one line with the grant, and with the grant it works."""

import os
from collections.abc import Iterator
from dataclasses import fields

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from receiver.errors import ConfigurationError
from receiver.store.connections.database import connect
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from receiver.store.schema.migrating import migrate
from receiver.store.schema.revisions import pending_migrations
from receiver.store.schema.rights import (
    REVISIONS,
    SEQUENCES,
    TABLES,
    Standing,
    describe_missing_rights,
)
from tests.support.arrivals import arrival
from tests.support.store.database import column
from tests.support.store.logins import modest_login
from tests.support.store.read_only import read_only

TABLE_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@pytest.fixture
def login() -> str:
    """The name of a login that may do nothing but connect; it needs quotes."""
    return f"Weak-{os.getpid()}"


@pytest.fixture
def weak_empty(empty_conninfo: str, login: str) -> Iterator[str]:
    """How the login reaches a database without any table."""
    with modest_login(empty_conninfo, login) as modest:
        yield modest


@pytest.fixture
def weak(conninfo: str, login: str) -> Iterator[str]:
    """How the login reaches a migrated database of somebody else."""
    with modest_login(conninfo, login) as modest:
        yield modest


def _run(conninfo: str, *commands: sql.SQL | sql.Composed | str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as administrator:
        for command in commands:
            administrator.execute(command)


def refusal_of(conninfo: str) -> str:
    """Returns the one line with which a migration is refused."""
    with pytest.raises(ConfigurationError) as refused:
        migrate(conninfo)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def grants_in(line: str) -> str:
    """Returns the commands that an administrator copies from a line."""
    return line.partition("an administrator runs: ")[2]


def test_each_column_of_the_standing_has_its_name(conninfo: str) -> None:
    with connect(conninfo) as connection:
        standing = Standing.read(connection)
    values = {field.name: getattr(standing, field.name) for field in fields(Standing)}
    assert values | {"login": "", "database": ""} == {
        "login": "",
        "database": "",
        "schema": "public",
        "may_use_schema": True,
        "may_create_tables": True,
        "may_create_schemas": True,
        "has_reporting": True,
        "is_read_only": False,
        "is_standby": False,
        "owner": None,
        "elsewhere": None,
    }


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("GRANT CREATE ON SCHEMA public TO {login}",),
        ("GRANT CREATE ON DATABASE {database} TO {login}",),
        ("REVOKE USAGE ON SCHEMA public FROM PUBLIC",),
    ],
)
def test_what_a_migration_lacks_is_granted_by_what_it_prints(
    empty_conninfo: str, weak_empty: str, login: str, given: tuple[str, ...]
) -> None:
    with psycopg.connect(empty_conninfo) as connection:
        names = {
            "login": sql.Identifier(login),
            "database": sql.Identifier(connection.info.dbname),
        }
    _run(empty_conninfo, *(sql.SQL(command).format(**names) for command in given))
    for _ in range(3):
        try:
            pending_migrations(weak_empty)
            migrate(weak_empty)
        except ConfigurationError as error:
            line = str(error)
            assert "\n" not in line
            assert f'"{login}"' in line
            _run(empty_conninfo, grants_in(line))
    assert pending_migrations(weak_empty) == []


def test_a_search_path_that_names_nothing_is_said_so(empty_conninfo: str) -> None:
    nowhere = make_conninfo(empty_conninfo, options="-c search_path=tenant")
    line = refusal_of(nowhere)
    assert "CREATE SCHEMA IF NOT EXISTS tenant;" in line
    _run(empty_conninfo, grants_in(line))
    migrate(nowhere)
    assert pending_migrations(nowhere) == []


def test_a_search_path_of_the_role_that_names_nothing_does_not_matter(
    empty_conninfo: str,
) -> None:
    with psycopg.connect(empty_conninfo, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET search_path = nowhere").format(name))
    migrate(empty_conninfo)
    assert pending_migrations(empty_conninfo) == []


def test_tables_in_another_schema_are_not_made_a_second_time(empty_conninfo: str) -> None:
    _run(empty_conninfo, "CREATE SCHEMA tenant")
    migrate(make_conninfo(empty_conninfo, options="-c search_path=tenant"))
    assert "?options=-csearch_path%3Dtenant" in refusal_of(empty_conninfo)
    with pytest.raises(ConfigurationError, match="schema tenant"):
        pending_migrations(empty_conninfo)


def test_a_foreign_schema_of_the_reports_is_named(empty_conninfo: str) -> None:
    _run(empty_conninfo, "CREATE SCHEMA reporting")
    assert "schema reporting" in refusal_of(empty_conninfo)


def test_a_read_only_database_is_named(empty_conninfo: str) -> None:
    with read_only(empty_conninfo):
        assert "read-only" in refusal_of(empty_conninfo)
    migrate(empty_conninfo)


def grant_to(conninfo: str, weak: str) -> None:
    """Runs the grants that are printed for a login that lacks rights on tables."""
    with connect(weak) as connection:
        missing = describe_missing_rights(connection)
    assert missing is not None
    _run(conninfo, grants_in(missing))


OBJECTS = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = ANY(%s) AND NOT relispartition
    AND (relkind <> 'S' OR pg_class.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'i'))
ORDER BY 1
"""


def test_rights_are_looked_for_on_all_that_migrations_make(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        tables = [name for (name,) in connection.execute(OBJECTS, [["r", "p"]]).fetchall()]
        sequences = [name for (name,) in connection.execute(OBJECTS, [["S"]]).fetchall()]
    assert sorted([*TABLES, REVISIONS]) == tables
    assert list(SEQUENCES) == sequences


RIGHTS = [
    *((f"TABLE {table}", right) for table in TABLES for right in TABLE_RIGHTS),
    *((f"SEQUENCE {sequence}", "USAGE") for sequence in SEQUENCES),
    (f"TABLE {REVISIONS}", "SELECT"),
]


def test_each_right_that_is_missing_is_named_and_granted(
    conninfo: str, weak: str, login: str
) -> None:
    grant_to(conninfo, weak)
    for place, right in RIGHTS:
        _run(conninfo, f'REVOKE {right} ON {place} FROM "{login}"')
        with connect(weak) as connection:
            missing = describe_missing_rights(connection)
        assert f"lacks rights on {place.partition(' ')[2]};" in str(missing), (place, right)
        grant_to(conninfo, weak)
        with connect(weak) as connection:
            assert "lacks rights" not in str(describe_missing_rights(connection))


async def test_a_service_with_the_printed_grants_stores_events(conninfo: str, weak: str) -> None:
    with pytest.raises(ConfigurationError, match="lacks rights") as refused:
        pending_migrations(weak)
    _run(conninfo, grants_in(str(refused.value)))
    assert pending_migrations(weak) == []
    ingest = Ingest(weak, statement_timeout_seconds=10, prepare_threshold=None)
    await ingest.commit([arrival(1)])
    await ingest.close()
    projection = Projection(weak, statement_timeout_seconds=10, prepare_threshold=None)
    await projection.derive_all()
    await projection.close()
    assert column(conninfo, "SELECT count(*) > 0 FROM device_status") == ["True"]
    with connect(weak) as connection:
        missing = describe_missing_rights(connection)
    assert missing is not None
    assert "partitions" in missing
    _run(conninfo, grants_in(missing))
    with connect(weak) as connection:
        assert describe_missing_rights(connection) is None
