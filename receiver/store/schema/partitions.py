"""The monthly partitions of `event`, made ahead of time so that no insert ever lacks one."""

import asyncio
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import structlog
from psycopg import Connection, sql

from receiver.errors import Unavailable
from receiver.store.connections.database import connect, session
from receiver.store.connections.silence import let_go_after

# Partitions are made daily, so an insert lacks one only after three months of failures, which the
# doctor and `receiver_partitions_ahead` show from the first month on.
MONTHS_AHEAD = 3

_PARTITION = re.compile(r"event_\d{4}_\d{2}")

# The month by the database's clock, because that clock also stamps `stored_at`.
COVERAGE = """
SELECT
    date_trunc('month', now() AT TIME ZONE 'UTC')::date,
    ARRAY(
        SELECT child.relname::text
        FROM pg_inherits
        JOIN pg_class AS child ON child.oid = inhrelid
        WHERE inhparent = 'event'::regclass AND NOT inhdetachpending
    )
"""

# By the same clock, for whoever looks at the log.
NOW = "SELECT now()"

# Clocks that differ by less are no matter of months.
CLOCKS_DIFFER = timedelta(days=1)

# How long the database is waited for, all months together: two seconds for each lock, and less
# than a second for the rest. One that has fallen silent answers no more, and keeps to no limit.
LIMIT_SECONDS = 60.0

LIMIT_WAIT = "SET LOCAL lock_timeout = '2s'"
LOCK = "SELECT pg_advisory_xact_lock(hashtext('receiver partitions'))"

# ATTACH takes only SHARE UPDATE EXCLUSIVE on the parent, where CREATE … PARTITION OF would stop
# every insert behind an open report; the CHECK spares the scan under that lock. A table that was
# detached by hand has its events and no CHECK; it is attached as it is. Each command is sent by
# itself, because a distributed table refuses several in one string.
CREATE = (
    """
    CREATE TABLE IF NOT EXISTS {partition} (
        LIKE event INCLUDING ALL,
        CONSTRAINT {bounds} CHECK (stored_at >= {start} AND stored_at < {end})
    )
    """,
    "COMMENT ON TABLE {partition} IS {comment}",
    "ALTER TABLE event ATTACH PARTITION {partition} FOR VALUES FROM ({start}) TO ({end})",
    "ALTER TABLE {partition} DROP CONSTRAINT IF EXISTS {bounds}",
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The months for which `event` has a partition.

    Attributes:
        month: the first day of the current month (UTC), by the database's clock.
        attached: the names of the attached partitions.
    """

    month: date
    attached: frozenset[str]

    @classmethod
    def read(cls, row: Sequence[Any]) -> "Coverage":
        """Returns the value of the row that answers `COVERAGE`."""
        month, attached = row
        return cls(month, frozenset(attached))

    @property
    def months_ahead(self) -> int:
        """How many months after the current one have a partition without a gap; -1: it has none."""
        months = itertools.takewhile(
            lambda ahead: partition_name(later(self.month, ahead)) in self.attached,
            itertools.count(),
        )
        return len(list(months)) - 1

    def missing(self, months_ahead: int = MONTHS_AHEAD) -> list[str]:
        """Names what this month and the following ones lack, this month's partition first."""
        wanted = [partition_name(later(self.month, ahead)) for ahead in range(months_ahead + 1)]
        return [name for name in wanted if name not in self.attached]


def read_coverage(connection: Connection) -> Coverage:
    """Asks which months have a partition."""
    [row] = connection.execute(COVERAGE).fetchall()
    return Coverage.read(row)


def is_partition(table: str) -> bool:
    """Tells whether a table is one month of `event`."""
    return _PARTITION.fullmatch(table) is not None


def ensure_partitions(conninfo: str, months_ahead: int = MONTHS_AHEAD) -> list[str]:
    """Makes the partitions of this month and the following ones; safe from several processes.

    Returns:
        The names of the new partitions.

    Raises:
        Unavailable: a lock was not free within two seconds, or the database is away or silent;
            partitions made so far stay, and another try makes the rest.
    """
    made: list[str] = []
    try:
        with (
            connect(conninfo, "receiver partitions") as connection,
            let_go_after(connection, LIMIT_SECONDS),
        ):
            month = read_coverage(connection).month
            for ahead in range(months_ahead + 1):
                made += _ensure(connection, later(month, ahead))
    except psycopg.Error as error:
        reason = f"SQLSTATE {error.sqlstate}" if error.sqlstate else "the connection was lost"
        raise Unavailable(f"partitions of event: {reason}") from error
    return made


async def make_partitions_ahead(conninfo: str) -> None:
    """Calls `ensure_partitions` in a thread and logs what it made.

    Raises:
        Unavailable: as of `ensure_partitions`.
    """
    log = structlog.get_logger(__name__)
    made = await asyncio.to_thread(ensure_partitions, conninfo)
    if made:
        log.info("partitions made", names=made)
    told = await asyncio.to_thread(_look_at_clock, conninfo)
    if told is not None:
        log.warning("clocks differ", reason=told)


def tell_clock(theirs: datetime, ours: datetime) -> str | None:
    """Returns a sentence if the clock of the database is days away from the one of this machine.

    Which of them is wrong is not known. By the one of the database, events have their month.
    """
    difference = theirs - ours
    if abs(difference) < CLOCKS_DIFFER:
        return None
    side = "ahead of" if difference > timedelta() else "behind"
    return (
        f"the clock of the database is {abs(difference).days} days {side} the clock of this machine"
    )


def partition_name(month: date) -> str:
    """Returns the name of the table that has the events of a month."""
    return f"event_{month.year:04}_{month.month:02}"


def later(month: date, months: int) -> date:
    """Returns the first day of the month that many months later."""
    years, index = divmod(month.month - 1 + months, 12)
    return date(month.year + years, index + 1, 1)


def _look_at_clock(conninfo: str) -> str | None:
    with (
        session(conninfo, "receiver partitions") as connection,
        let_go_after(connection, LIMIT_SECONDS),
    ):
        [(theirs,)] = connection.execute(NOW).fetchall()
    return tell_clock(theirs, datetime.now(UTC))


def _ensure(connection: Connection, month: date) -> list[str]:
    name = partition_name(month)
    with connection.transaction():
        connection.execute(LIMIT_WAIT)
        connection.execute(LOCK)
        if name in read_coverage(connection).attached:
            return []
        names = {
            "partition": sql.Identifier(name),
            "bounds": sql.Identifier(f"{name}_bounds"),
            "comment": sql.Literal(f"Events stored in {month:%Y-%m} (UTC)"),
            "start": sql.Literal(f"{month:%Y-%m-%d} 00:00:00+00"),
            "end": sql.Literal(f"{later(month, 1):%Y-%m-%d} 00:00:00+00"),
        }
        for command in CREATE:
            connection.execute(sql.SQL(command).format(**names))
    return [name]
