"""The examination of the server by the doctor: clock, durability, reporting role; reads only."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from psycopg import Connection

NOW = "SELECT clock_timestamp()"

# Of our own session, because a role or a database may have other values than the server.
DURABILITY = """
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name
"""

# The start tells servers apart that have databases of one name.
PLACE = """
SELECT pg_postmaster_start_time()::text, current_database()::text, to_regclass('event')::oid::text
"""

REPORTING_GRANTED = """
SELECT COALESCE(has_schema_privilege(oid, to_regnamespace('reporting')::oid, 'USAGE'), false)
FROM pg_roles WHERE rolname = 'receiver_reporting'
"""


def clock_difference(connection: Connection) -> float:
    """Returns by how many seconds the database's clock is ahead of ours; negative: behind it.

    The error is at most half of the round trip to the database.
    """
    before, started = datetime.now(UTC), time.monotonic()
    [(theirs,)] = connection.execute(NOW).fetchall()
    way_seconds = time.monotonic() - started
    ahead: float = (theirs - before).total_seconds() - way_seconds / 2
    return ahead


def durability(connection: Connection) -> Mapping[str, str]:
    """Returns the settings that decide whether a commit survives a crash, by name."""
    return {str(name): str(setting) for name, setting in connection.execute(DURABILITY)}


def place(connection: Connection) -> tuple[str | None, ...]:
    """Returns what is equal for two connections that see the same tables, and for no others."""
    [found] = connection.execute(PLACE).fetchall()
    return tuple(found)


def reporting_is_granted(connection: Connection) -> bool | None:
    """Tells whether `receiver_reporting` may use the views; None: there is no such role."""
    row = connection.execute(REPORTING_GRANTED).fetchone()
    return None if row is None else bool(row[0])
