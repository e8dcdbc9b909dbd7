"""Commands of migrations stand as they are, executed or printed."""

from io import StringIO

import psycopg
import pytest
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from receiver.store.connections.engine import migration_engine
from receiver.store.schema.commands import execute, grant_reports, is_printed
from tests.support.store.database import column

# What SQLAlchemy would read in another way.
TEXTS = ["'a:b :c \\:d ::e :'", "'100 %'", "'%s of %(name)s, %%'", "'x'::text", "'it''s'"]
MAY_READ = "SELECT has_table_privilege('receiver_reporting', 'kept', 'SELECT')"


def printing() -> tuple[Connection, StringIO]:
    """Returns the connection of migrations that print, and where they print."""
    printed = StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql",
        dialect_opts={"paramstyle": "named"},
        opts={"as_sql": True, "output_buffer": printed},
    )
    assert context.bind is not None
    return context.bind, printed


@pytest.fixture
def kept(conninfo: str) -> str:
    with psycopg.connect(conninfo) as connection:
        connection.execute("CREATE TABLE kept (said text, since text)")
    return conninfo


@pytest.mark.parametrize("text", TEXTS)
def test_a_command_is_executed_and_printed_as_it_stands(kept: str, text: str) -> None:
    said = f"INSERT INTO kept VALUES ({text})"  # noqa: S608 - of this test
    command = said.replace("%", "%%")
    with migration_engine(kept).begin() as connection:
        assert not is_printed(connection)
        execute(connection, command)
    printer, printed = printing()
    assert is_printed(printer)
    execute(printer, command)
    assert printed.getvalue() == f"{said};\n\n"
    with psycopg.connect(kept) as connection:
        connection.execute(said.encode())
    one, other = column(kept, "SELECT said FROM kept")
    assert one == other


@pytest.mark.parametrize("value", ["(0,0)", "-infinity", "it's 100 % :so"])
def test_a_value_is_the_same_executed_and_printed(kept: str, value: str) -> None:
    command = "INSERT INTO kept SELECT '%%', %(since)s::text"
    with migration_engine(kept).begin() as connection:
        execute(connection, command, {"since": value})
    printer, printed = printing()
    execute(printer, command, {"since": value})
    with psycopg.connect(kept) as connection:
        connection.execute(printed.getvalue().encode())
    assert column(kept, "SELECT said || since FROM kept") == [f"%{value}"] * 2


def test_reports_are_granted_where_their_role_is(kept: str) -> None:
    printer, printed = printing()
    grants = ("GRANT SELECT ON kept TO receiver_reporting", "GRANT UPDATE ON kept TO CURRENT_USER")
    grant_reports(printer, *grants)
    with psycopg.connect(kept) as connection:
        # As of a login that may not create roles: the server of the tests has the role.
        connection.execute(printed.getvalue().replace("rolname =", "rolname = 'no-' ||").encode())
    assert column(kept, MAY_READ) == ["False"]
    with migration_engine(kept).begin() as connection:
        grant_reports(connection, *grants)
    assert column(kept, MAY_READ) == ["True"]
