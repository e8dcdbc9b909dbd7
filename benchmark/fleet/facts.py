"""Facts to ask about: months of a fleet, written into the tables as the service would have stored.

A month that is over is written into a table without indexes that becomes a partition afterwards:
its indexes are as dense as a REINDEX leaves them. The current month, in which the intake goes on,
is written row by row into its indexes: they are as an intake leaves them. Each table is vacuumed
and analysed once it is written, as autovacuum does; it never does so with the partitioned table.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import LiteralString

import psycopg
from psycopg import sql

from benchmark.fleet import rows
from benchmark.fleet.fleet import MONTHS, Fleet
from benchmark.machine.postgres import connect
from receiver.store.schema.partitions import later, partition_name

# A transaction of the feed's own size.
SLICE = 50_000
# One month is generated while the indexes of another are made.
AT_ONCE = 2
# As one processor has memory for.
SESSION = "SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'"

MAKE_NUMBERS = "CREATE UNLOGGED TABLE benchmark_device (number int, device_id uuid NOT NULL)"
COPY_NUMBERS = "COPY benchmark_device FROM STDIN"
INDEX_NUMBERS = "ALTER TABLE benchmark_device ADD PRIMARY KEY (number)"
DROP_NUMBERS = "DROP TABLE benchmark_device"

MAKE_MONTH = """
CREATE TABLE {month} (
    LIKE event INCLUDING ALL EXCLUDING INDEXES,
    CONSTRAINT {bounds} CHECK (stored_at >= {start} AND stored_at < {end})
)
"""
ATTACH_MONTH = "ALTER TABLE event ATTACH PARTITION {month} FOR VALUES FROM ({start}) TO ({end})"
DROP_BOUNDS = "ALTER TABLE {month} DROP CONSTRAINT {bounds}"

DERIVED = ("device_status", "subscription", "device_identifier")


@dataclass(frozen=True, slots=True)
class _Month:
    """The events of one month: from the first number to before the last one."""

    month: date
    first: int
    end: int
    is_current: bool

    @property
    def terms(self) -> dict[str, sql.Composable]:
        name = partition_name(self.month)
        return {
            "month": sql.Identifier(name),
            "bounds": sql.Identifier(f"{name}_bounds"),
            "start": sql.Literal(f"{self.month:%Y-%m-%d} 00:00:00+00"),
            "end": sql.Literal(f"{later(self.month, 1):%Y-%m-%d} 00:00:00+00"),
        }


def fill(url: str, fleet: Fleet, say: Callable[[str], None]) -> None:
    """Writes the events of the last six months, each month in the order of arrival."""
    with connect(url) as connection:
        _number_devices(connection, fleet)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for line in pool.map(partial(_write_month, url, fleet), _months(fleet)):
            say(line)
    with connect(url) as connection:
        connection.execute(DROP_NUMBERS)
    vacuum(url, ["event_identity"])


def vacuum(url: str, tables: Sequence[str]) -> None:
    """Vacuums and analyses tables, as autovacuum would in time."""
    with connect(url) as connection:
        for table in tables:
            _run(connection, "VACUUM (ANALYZE) {table}", table=sql.Identifier(table))


def _number_devices(connection: psycopg.Connection, fleet: Fleet) -> None:
    connection.execute(MAKE_NUMBERS)
    with connection.cursor().copy(COPY_NUMBERS) as copy:
        for row in enumerate(fleet.ids):
            copy.write_row(row)
    connection.execute(INDEX_NUMBERS)
    connection.execute("ANALYZE benchmark_device")


def _months(fleet: Fleet) -> Iterator[_Month]:
    """Yields the months; their events are as far from each other as the fleet's step."""
    events, begin = fleet.shape.events, fleet.begin
    first = 0
    for number in range(MONTHS):
        month = later(begin.date(), number)
        is_current = number == MONTHS - 1
        over = later(month, 1)
        end = -((begin - datetime(over.year, over.month, 1, tzinfo=UTC)) // fleet.step)
        yield _Month(month, first, events if is_current else end, is_current)
        first = end


def _write_month(url: str, fleet: Fleet, month: _Month) -> str:
    """Writes a month and its identities; returns what to say."""
    terms = month.terms
    with connect(url) as connection:
        connection.execute(SESSION)
        if not month.is_current:
            _run(connection, MAKE_MONTH, **terms)
        for first in range(month.first, month.end, SLICE):
            last = min(first + SLICE, month.end) - 1
            # The same numbers always mean the same, whichever month is written first.
            connection.execute("SELECT setseed(%s)", [first / fleet.shape.events])
            connection.execute(*rows.compose(fleet, terms["month"], first, last))
        if not month.is_current:
            _run(connection, ATTACH_MONTH, **terms)
            _run(connection, DROP_BOUNDS, **terms)
        _run(connection, rows.IDENTITIES, **terms)
        _run(connection, "VACUUM (ANALYZE) {month}", **terms)
    return f"{month.end - month.first:,} events of {month.month:%Y-%m} are written"


def _run(connection: psycopg.Connection, command: LiteralString, **terms: sql.Composable) -> None:
    connection.execute(sql.SQL(command).format(**terms))
