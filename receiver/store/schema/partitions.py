"""The monthly partitions of `event`: made ahead of time, so that no insert ever lacks one."""

import asyncio
import itertools
import re
from datetime import date

import psycopg
import structlog
from psycopg import Connection, sql

from receiver.errors import Unavailable
from receiver.store.connections.database import connect

MONTHS_AHEAD = 3

_PARTITION = re.compile(r"event_\d{4}_\d{2}")

# The database's clock, because it also stamps `stored_at`.
CURRENT_MONTH = "SELECT date_trunc('month', now() AT TIME ZONE 'UTC')::date"

ATTACHED = """
SELECT child.relname
FROM pg_inherits
JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'event'::regclass AND NOT inhdetachpending
"""

# ATTACH takes only SHARE UPDATE EXCLUSIVE on the parent, where CREATE … PARTITION OF would stop
# every insert behind an open report; the CHECK spares the scan under that lock.
CREATE = """
CREATE TABLE IF NOT EXISTS {partition} (
    LIKE event INCLUDING ALL,
    CONSTRAINT {bounds} CHECK (stored_at >= {start} AND stored_at < {end})
);
COMMENT ON TABLE {partition} IS {comment};
ALTER TABLE event ATTACH PARTITION {partition} FOR VALUES FROM ({start}) TO ({end});
ALTER TABLE {partition} DROP CONSTRAINT {bounds};
"""


def is_partition(table: str) -> bool:
    """Whether a table is one month of `event`."""
    return _PARTITION.fullmatch(table) is not None


def ensure_partitions(conninfo: str, months_ahead: int = MONTHS_AHEAD) -> list[str]:
    """Makes the partitions of this month and the following ones; safe from several processes.

    Returns:
        The names of those it made.

    Raises:
        Unavailable: a lock was not to be had in two seconds, or the database is away; the ones
            made so far stay, and another try goes on from there.
    """
    made: list[str] = []
    try:
        with connect(conninfo, "receiver partitions") as connection:
            first = _only_value(connection, CURRENT_MONTH)
            for ahead in range(months_ahead + 1):
                made += _ensure(connection, later(first, ahead))
    except psycopg.Error as error:
        raise Unavailable(f"partitions of event: SQLSTATE {error.sqlstate}") from error
    return made


async def make_partitions_ahead(conninfo: str) -> None:
    """Calls `ensure_partitions` in a thread and logs what it made.

    Raises:
        Unavailable: as of `ensure_partitions`.
    """
    made = await asyncio.to_thread(ensure_partitions, conninfo)
    if made:
        structlog.get_logger(__name__).info("partitions made", names=made)


def missing_partitions(attached: set[str], current: date, months_ahead: int) -> list[str]:
    """Which of this month's and the following months' partitions are not attached."""
    wanted = [partition_name(later(current, ahead)) for ahead in range(months_ahead + 1)]
    return [name for name in wanted if name not in attached]


def months_ahead(attached: set[str], current: date) -> int:
    """How many months after this one have a partition without a gap; -1: this one has none."""
    months = itertools.takewhile(
        lambda ahead: partition_name(later(current, ahead)) in attached, itertools.count()
    )
    return len(list(months)) - 1


def partition_name(month: date) -> str:
    return f"event_{month.year:04}_{month.month:02}"


def later(month: date, months: int) -> date:
    """The first day of the month that many months later."""
    years, index = divmod(month.month - 1 + months, 12)
    return date(month.year + years, index + 1, 1)


def _ensure(connection: Connection, month: date) -> list[str]:
    name = partition_name(month)
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '2s'")
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('receiver partitions'))")
        if name in {row[0] for row in connection.execute(ATTACHED)}:
            return []
        connection.execute(
            sql.SQL(CREATE).format(
                partition=sql.Identifier(name),
                bounds=sql.Identifier(f"{name}_bounds"),
                comment=sql.Literal(f"Events stored in {month:%Y-%m} (UTC)"),
                start=sql.Literal(f"{month:%Y-%m-%d} 00:00:00+00"),
                end=sql.Literal(f"{later(month, 1):%Y-%m-%d} 00:00:00+00"),
            )
        )
    return [name]


def _only_value(connection: Connection, query: str) -> date:
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    value = row[0]
    assert isinstance(value, date)  # noqa: S101 - the query casts to date
    return value
