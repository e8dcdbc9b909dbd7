"""Commands of migrations: executed, or printed for a database administrator who executes them.

Where they are printed, nothing is read: a script is right for every database of its revision.
"""

from collections.abc import Mapping

from sqlalchemy import DDL, Connection
from sqlalchemy.engine.mock import MockConnection

# Of a session that executes what was printed; whoever wants to store an event waits behind it.
LIMIT_WAIT = "SET lock_timeout = '2s'"

# The role may be missing: a login that may not create roles leaves it to an administrator.
GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'receiver_reporting') THEN
        {};
    END IF;
END $$
"""


def is_printed(connection: Connection) -> bool:
    """Tells whether what is executed on the connection of a migration is printed instead."""
    return isinstance(connection, MockConnection)


def execute(
    connection: Connection, command: str, parameters: Mapping[str, str] | None = None
) -> None:
    """Executes a command of the driver, or prints it; a colon in it is no parameter.

    Args:
        command: %(name)s in it takes a value, and %% is a percent sign.
        parameters: texts.
    """
    values = parameters or {}
    if not is_printed(connection):
        connection.exec_driver_sql(command, dict(values))
        return
    quoted = {name: _quote(value) for name, value in values.items()}
    connection.execute(DDL(command, context=quoted))  # type: ignore[no-untyped-call] # the library's gap


def grant_reports(connection: Connection, *grants: str) -> None:
    """Grants the role of reports what it may read, where there is one.

    Args:
        grants: commands.
    """
    execute(connection, GRANT.format(";\n        ".join(grants)))


def _quote(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
