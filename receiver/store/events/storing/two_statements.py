"""The hot insert on a distributed database: two statements in one transaction, for the same rows.

The one statement of a single server is refused there, as it finds out which rows are new beside it.
So each node first gets the identities of its shards and answers which of them are known; then it
gets the events of the others. All goes through the coordinator, which knows where a shard is while
it moves. Rows travel as values, which are sent on as they are: what is selected from a text of JSON
is copied, which costs less for hundreds of rows, but tells no SQLSTATE of what a node refuses.
"""

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from typing import LiteralString, cast

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor

from receiver.events.event import Arrival
from receiver.events.findings import Finding
from receiver.store.connections.durability import DURABLE
from receiver.store.events.columns import COUNT_KNOWN, EVENT_COLUMNS
from receiver.store.events.failures import failed_before_commit
from receiver.store.events.storing.rows import DESCRIPTIONS, Row, fold

BEGIN = "BEGIN"
COMMIT = "COMMIT"

# Nodes are asked one after the other, and the rows are in one order everywhere, or two writers
# would deadlock.
INSERT_IDENTITIES = f"""
INSERT INTO event_identity (sent_at, device_id, digest, deliveries, last_arrival)
VALUES {{values}}
{COUNT_KNOWN}
RETURNING device_id, digest, xmax = 0
"""  # noqa: S608 - composed of constants

# What the database makes of a row, the same for all of a batch, and after its locks. The commit of
# the coordinator decides about those of the nodes, so that it has to be durable.
MAKE = f"SELECT clock_timestamp(), pg_current_xact_id()::text WHERE {DURABLE}"

INSERT_EVENTS = "INSERT INTO event ({columns}) VALUES {values}"

_MADE = ("stored_at", "xact")
_BROUGHT = (*(column.name for column in EVENT_COLUMNS if column.row_type), *DESCRIPTIONS)

# A statement has 65,535 parameters at most, and an event less than 40.
LONGEST_ROWS = 1500


async def store_by_two(connection: AsyncConnection, batch: Sequence[Arrival]) -> None:
    """Stores a batch in a transaction of its own.

    Raises:
        ReceiverError: nothing is stored, and the connection is of no use any more.
        psycopg.Error: of the commit.
    """
    rows = fold(batch)
    try:
        await connection.execute(BEGIN)
        new = await _insert_identities(connection, rows)
        await _insert_events(connection, new)
    except psycopg.Error as error:
        raise failed_before_commit(error) from error
    await connection.execute(COMMIT)


async def _insert_identities(connection: AsyncConnection, rows: Sequence[Row]) -> Sequence[Row]:
    """Counts the deliveries of rows, and returns those that were not known."""
    statement = INSERT_IDENTITIES.format(values=_places(len(rows), 5))
    values = [value for row in rows for value in _identity(row)]
    cursor = AsyncRawCursor(connection)
    await cursor.execute(statement, values, prepare=False)
    answered = await cursor.fetchall()
    known = {(key.hex, f"\\x{digest.hex()}") for key, digest, is_new in answered if not is_new}
    return [row for row in rows if (row["device_id"], row["digest"]) not in known]


async def _insert_events(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """Inserts events, with the columns that one of them has at least."""
    made = await (await connection.execute(MAKE)).fetchone()
    for first in range(0, len(rows), LONGEST_ROWS):
        part = [_flat(row) for row in rows[first : first + LONGEST_ROWS]]
        names = [name for name in _BROUGHT if any(row.get(name) is not None for row in part)]
        statement = INSERT_EVENTS.format(
            columns=", ".join([*_MADE, *names]), values=_places(len(part), len(_MADE) + len(names))
        )
        values = [value for row in part for value in (*(made or ()), *map(row.get, names))]
        await AsyncRawCursor(connection).execute(statement, values, prepare=False)


def _identity(row: Row) -> Iterator[object]:
    """Yields the values of an identity; its time is as `columns.sent_at` has it."""
    is_timeless = Finding.TIME_MISSING in cast("Sequence[str]", row["findings"])
    yield "-infinity" if is_timeless else row["occurred_at"]
    yield from (row[name] for name in ("device_id", "digest", "deliveries", "arrival_id"))


def _flat(row: Row) -> Row:
    """Returns a row whose members are columns, with lists as the driver knows them."""
    described = cast("Row", row.get("described", {}))
    lists = {name: list(value) for name, value in row.items() if isinstance(value, tuple)}
    return row | described | lists


@cache
def _places(rows: int, columns: int) -> LiteralString:
    """Returns the places of so many values, in the server's own form: the driver writes no other.

    It would take as long for that as for the values.
    """
    numbers = itertools.count(1)
    return ", ".join(
        "(" + ", ".join(f"${next(numbers)}" for _ in range(columns)) + ")" for _ in range(rows)
    )
