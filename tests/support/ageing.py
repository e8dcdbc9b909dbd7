"""Events that were stored months ago, as far as the database can tell."""

import asyncio
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from receiver.errors import Unavailable
from receiver.store.retention.retaining import retain
from receiver.store.schema.partitions import later, partition_name, read_coverage
from receiver.store.status.statuses import DeviceStatus, Statuses
from tests.support.facts import DEVICES, STATUSES, Told

NAMES = ("roaming-status", "connectivity-data", "subscription-ends")
EVENTS = [
    Told(DEVICES[0], "sub", name, STATUSES[name][0], minute, 0, minute)
    for minute, name in enumerate(NAMES)
]
DEVICE = EVENTS[0].device_id

# One moment after the other: a distributed database computes no time from a column as it writes.
MOMENTS = "SELECT DISTINCT stored_at - make_interval(months => %s), stored_at FROM event"
AGE = "UPDATE event SET stored_at = %s WHERE stored_at = %s"


def make_month(conninfo: str, months: int) -> str:
    """Makes the partition of a month, so many before this one; returns its name."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        begin = later(read_coverage(connection).month, -months)
        name = partition_name(begin)
        connection.execute(
            sql.SQL("CREATE TABLE {} PARTITION OF event FOR VALUES FROM ({}) TO ({})").format(
                sql.Identifier(name),
                sql.Literal(f"{begin:%Y-%m-%d} 00:00:00+00"),
                sql.Literal(f"{later(begin, 1):%Y-%m-%d} 00:00:00+00"),
            )
        )
    return name


def age_events(conninfo: str, months: int) -> None:
    """Lets all events have been stored so many months earlier; they are not derived anew."""
    with psycopg.connect(conninfo) as connection:
        for earlier, moment in connection.execute(MOMENTS, [months]).fetchall():
            connection.execute(AGE, [earlier, moment])


def execute(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement.encode())


async def ask(statuses: Statuses) -> DeviceStatus:
    """Returns the status of the device of `EVENTS`, whenever it is asked for."""
    status = await statuses.status(DEVICE)
    assert status is not None
    return status._replace(as_of=datetime(2026, 1, 1, tzinfo=UTC))


def count_of(table: str) -> sql.Composed:
    return sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))


def count(conninfo: str, table: str) -> int:
    with psycopg.connect(conninfo) as connection:
        [(found,)] = connection.execute(count_of(table)).fetchall()
    return int(found)


async def drop_months(conninfo: str, months: int) -> None:
    """Drops the months that are due as soon as a service that runs has derived all events."""
    while True:
        try:
            if not (await retain(conninfo, months)).has_more:
                return
        except Unavailable:
            await asyncio.sleep(0.05)
