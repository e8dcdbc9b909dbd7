"""The distribution of a database over the nodes of its cluster, beside the work of the service.

Each table is distributed in a transaction of its own, with its rows; what writes waits for its end,
and goes on. What was cut off goes on where it ended, because a table that is distributed is left.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import psycopg
from psycopg import Connection

from receiver.errors import ConfigurationError, Unavailable
from receiver.store.connections.database import connect, session
from receiver.store.distribution.detecting import has_extension
from receiver.store.distribution.obstacles import find_obstacles
from receiver.store.distribution.placement import DISTRIBUTED, KEY, Step, placed, plan
from receiver.store.distribution.reports import adapt_reports

# As the extension has it; it suits four to eight workers, and cannot be changed in place.
SHARDS = 32

# As of migrations: a wait for a table holds up whoever stores, so it is short, and tried again.
LIMIT_WAIT = "SET LOCAL lock_timeout = '2s'"
LIFT_LIMIT = "SET LOCAL statement_timeout = 0"
REST_SECONDS = 3.0
LONGEST_SECONDS = 600.0
OF_LOCKS = ("55P03", "40P01")

# Two commands of the extension may change one row of a worker's catalog at once (XX000), which a
# later try does not meet; what fails thrice fails for another reason.
WITHIN_ITSELF = "XX000"
TRIES = 3

# As ANALYZE last counted them, which takes no time.
ROWS = """
SELECT table_name, coalesce(sum(greatest(reltuples, 0)), 0)::bigint
FROM unnest(%s::text[]) AS table_name
LEFT JOIN pg_partition_tree(to_regclass(table_name)) AS leaf ON leaf.isleaf
LEFT JOIN pg_class ON pg_class.oid = leaf.relid
GROUP BY table_name
"""

# Copied in one second, of events with their indexes; 52,000 took 1.03 s on two cores.
ROWS_A_SECOND = 50_000

BLOCKED = "Waiting for a transaction that has written into the table and does not end."

LEFT_TO_DO = (
    "Afterwards:",
    "1. Restart every service, one after the other; DATABASE_URL is the coordinator for all.",
    "2. On the coordinator: ALTER SYSTEM SET citus.recover_2pc_interval = '10s';",
    "3. Free the disk of what was copied; each command stops what writes for a moment:",
)


class Prospect(NamedTuple):
    """What a distribution does, before it is done.

    Attributes:
        obstacles: what stands in its way, a sentence each.
        steps: what is left to do.
        rows: of each table, about.
    """

    obstacles: Sequence[str]
    steps: Sequence[Step]
    rows: dict[str, int]

    def describe(self) -> Iterator[str]:
        """Yields what is done, and what it costs, in lines for people."""
        if not self.steps:
            yield "All tables are distributed; the reports are adapted."
            return
        names = ", ".join(step.table for step in self.steps)
        yield f"Distributes {names} by {KEY}; the other tables stay on the coordinator."
        for step in self.steps:
            rows = self.rows[step.table]
            yield (
                f"{step.table}: {rows} rows when they were last counted; what writes there waits"
                f" for about {1 + rows // ROWS_A_SECOND} s."
            )

    def compose_clean_up(self) -> Iterator[str]:
        """Yields the commands that free the disk of the coordinator."""
        for table in DISTRIBUTED:
            yield f"SELECT truncate_local_data_after_distributing_table('{table}')"


def look_ahead(conninfo: str, shards: int) -> Prospect:
    """Looks at a database before it is distributed; changes nothing.

    Raises:
        ConfigurationError: the database is not for this service.
        Unavailable: it is away.
    """
    with session(conninfo, "receiver distribute") as connection:
        obstacles = [*find_obstacles(connection, conninfo)]
        done = placed(connection) if has_extension(connection) else frozenset()
        steps = [step for step in plan(shards) if step.table not in done]
        counted = connection.execute(ROWS, [[*DISTRIBUTED]]).fetchall()
        return Prospect(obstacles, steps, dict(counted))


def distribute(conninfo: str, prospect: Prospect, tell: Callable[[str], None]) -> None:
    """Distributes what is left, one table after the other, then gives the reports their form.

    A later migration brings a report back to the form of a single server, which ends a coordinator;
    so the reports are adapted each time.

    Args:
        tell: called with a line for people: what is done, or what is waited for.

    Raises:
        ConfigurationError: something stands in the way; nothing is done.
        Unavailable: a step failed, or what it changes was in use all the time; those before stay
            done.
    """
    if prospect.obstacles:
        raise ConfigurationError("; ".join(prospect.obstacles))
    with connect(conninfo, "receiver distribute") as connection:
        for step in prospect.steps:
            _distribute(connection, step, tell)
            tell(f"{step.table} is distributed.")
        adapt_reports(connection)
        tell("The reports have their form of a distributed database.")


def _distribute(connection: Connection, step: Step, tell: Callable[[str], None]) -> None:
    """Distributes a table, with as many tries as its use by others takes."""
    ends_at = time.monotonic() + LONGEST_SECONDS
    tries, is_told = 0, False
    while (sqlstate := _execute(connection, step)) is not None:
        tries += sqlstate == WITHIN_ITSELF
        if tries == TRIES or sqlstate not in (*OF_LOCKS, WITHIN_ITSELF):
            raise Unavailable(f"{step.table} cannot be distributed (SQLSTATE {sqlstate})")
        if time.monotonic() > ends_at:
            raise Unavailable(f"{step.table} was in use all the time")
        if sqlstate in OF_LOCKS and not is_told:
            tell(BLOCKED)
            is_told = True
        time.sleep(REST_SECONDS)


def _execute(connection: Connection, step: Step) -> str | None:
    """Distributes a table in one transaction; returns why nothing was done, as an SQLSTATE."""
    try:
        with connection.transaction():
            connection.execute(LIMIT_WAIT)
            connection.execute(LIFT_LIMIT)
            connection.execute(step.command.encode())
    except psycopg.Error as error:
        if error.sqlstate is None:
            raise Unavailable(f"the connection was lost while {step.table} was copied") from error
        return error.sqlstate
    return None
