"""What an operator wants to know about the server and its schema; it only looks."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from psycopg import Connection

from receiver.store.schema.partitions import (
    ATTACHED,
    CURRENT_MONTH,
    MONTHS_AHEAD,
    missing_partitions,
)

NOW = "SELECT clock_timestamp()"

# As our own login has them: a role or a database may differ from the server.
DURABILITY = """
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name
"""

REPORTING_GRANTED = """
SELECT COALESCE(has_schema_privilege(oid, to_regnamespace('reporting')::oid, 'USAGE'), false)
FROM pg_roles WHERE rolname = 'receiver_reporting'
"""


def clock_difference(connection: Connection) -> float:
    """By how many seconds the database's clock is ahead of this machine's, or behind if negative.

    The answer is off by half of its way to the database and back at the most.
    """
    before, started = datetime.now(UTC), time.monotonic()
    [(theirs,)] = connection.execute(NOW).fetchall()
    way_seconds = time.monotonic() - started
    ahead: float = (theirs - before).total_seconds() - way_seconds / 2
    return ahead


def partitions_missing(connection: Connection) -> Sequence[str]:
    """Which partitions of this month and those made ahead are missing; this month's comes first."""
    attached = {str(row[0]) for row in connection.execute(ATTACHED)}
    [(month,)] = connection.execute(CURRENT_MONTH).fetchall()
    return missing_partitions(attached, month, MONTHS_AHEAD)


def current_partition(connection: Connection) -> str:
    """The name of the partition that takes events now."""
    [(month,)] = connection.execute(CURRENT_MONTH).fetchall()
    return missing_partitions(set(), month, 0)[0]


def durability(connection: Connection) -> Mapping[str, str]:
    """The server's settings that decide whether a commit survives a crash, by name."""
    return {str(name): str(setting) for name, setting in connection.execute(DURABILITY)}


def reporting_is_granted(connection: Connection) -> bool | None:
    """Whether `receiver_reporting` may use the reporting views; None: there is no such role."""
    row = connection.execute(REPORTING_GRANTED).fetchone()
    return None if row is None else bool(row[0])
