"""The room of dropped months is freed: their partitions are detached, their identities removed.

No insert waits: a partition is detached beside the work of the service, and what is locked by
others is left alone. A report that is open is waited for a short while only; the next run goes on.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import psycopg
from psycopg import AsyncConnection, sql

from receiver.errors import Unavailable
from receiver.store.connections.pooled.local_settings import execute_alone
from receiver.store.connections.silence import may_be_distributed
from receiver.store.events.columns import sent_at
from receiver.store.projector.projecting import read_first
from receiver.store.retention.resting import rest

# Of partitions of `event` and tables that were, with whether they are attached, from the oldest on.
MONTHS = """
SELECT child.relname::text, inhparent IS NOT NULL, coalesce(inhdetachpending, false)
FROM pg_class AS child
LEFT JOIN pg_inherits ON inhrelid = child.oid AND inhparent = 'event'::regclass
WHERE child.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'event'::regclass)
    AND child.relkind = 'r' AND child.relname ~ '^event_[0-9]{4}_[0-9]{2}$'
    AND child.relname < 'event_' || to_char(%(kept_from)s AT TIME ZONE 'UTC', 'YYYY_MM')
ORDER BY child.relname
"""

# In a transaction a partition could only be detached under a lock that stops every insert behind
# an open report. Readers leave the partition out from the beginning on, also if the rest fails.
DETACH = "ALTER TABLE event DETACH PARTITION {} CONCURRENTLY"
# Several servers have no such way. The lock is waited for shortly, and inserts behind it as long.
DETACH_APART = "ALTER TABLE event DETACH PARTITION {}"
FINALIZE = "ALTER TABLE event DETACH PARTITION {} FINALIZE"
DROP = "DROP TABLE {}"

# For whoever reads a month that is to go. No transaction can hold that it is detached, and a limit
# of the session would reach others behind a pooler; so that wait is ended from here.
WAIT_SECONDS = 2.0
LIMIT_WAIT = "SELECT set_config('lock_timeout', %(milliseconds)s, true)"

IN_USE = "a report reads a month that is to be dropped; it is tried again"

# Identities of one step: as of `seeding.STEP_EVENTS`; 1.5 ms of CPU of Postgres, 14 for 1000.
STEP_IDENTITIES = 125

POSITION = "SELECT identities_from FROM retention FOR UPDATE"
FIND_END = """
SELECT stored_at FROM {} WHERE stored_at >= %(low)s ORDER BY stored_at OFFSET %(limit)s LIMIT 1
"""
FIND_NEXT = "SELECT stored_at FROM {} WHERE stored_at > %(low)s ORDER BY stored_at LIMIT 1"

# What a redelivery holds is left behind: its identity is one row more, and goes on being known.
REMOVE = f"""
WITH gone AS MATERIALIZED (
    SELECT identity.sent_at, identity.device_id, identity.digest
    FROM {{}} AS dropped
    JOIN event_identity AS identity
        ON identity.sent_at = {sent_at("dropped")}
        AND identity.device_id = dropped.device_id AND identity.digest = dropped.digest
    WHERE dropped.stored_at >= %(low)s AND (%(high)s::timestamptz IS NULL OR stored_at < %(high)s)
    FOR UPDATE OF identity SKIP LOCKED
)
DELETE FROM event_identity USING gone
WHERE event_identity.sent_at = gone.sent_at
    AND event_identity.device_id = gone.device_id AND event_identity.digest = gone.digest
"""  # noqa: S608 - composed of constants
# Where each server removes its own, what a redelivery holds is waited for.
REMOVE_APART = f"""
DELETE FROM event_identity AS identity USING {{}} AS dropped
WHERE identity.sent_at = {sent_at("dropped")}
    AND identity.device_id = dropped.device_id AND identity.digest = dropped.digest
    AND dropped.stored_at >= %(low)s
    AND (%(high)s::timestamptz IS NULL OR dropped.stored_at < %(high)s)
"""  # noqa: S608 - composed of constants
MOVE = "UPDATE retention SET identities_from = %(high)s"
END = "SELECT max(stored_at) + interval '1 microsecond' FROM {}"


async def free(
    connection: AsyncConnection,
    kept_from: datetime,
    is_late: Callable[[], bool],
    limit: int = STEP_IDENTITIES,
) -> AsyncIterator[str]:
    """Frees the room of the months before a moment; yields the name of each table that is gone.

    Args:
        connection: in autocommit mode.
        is_late: whether the rest is left to another call.
        limit: identities that are removed in one step, about.

    Raises:
        Unavailable: a report is open, or something else holds a lock; the rest is for the next run.
    """
    for name, is_attached, is_pending in await list_months(connection, kept_from):
        month = sql.Identifier(name)
        if is_attached:
            await _detach(connection, month, is_pending=is_pending)
        if not await _remove_identities(connection, month, is_late, limit):
            return
        await _change(connection, sql.SQL(DROP).format(month))
        yield name


async def list_months(
    connection: AsyncConnection, kept_from: datetime
) -> list[tuple[str, bool, bool]]:
    """Returns the tables of months before a moment: name, whether attached, whether half so."""
    found = await connection.execute(MONTHS, {"kept_from": kept_from})
    return [(row[0], row[1], row[2]) for row in await found.fetchall()]


async def _detach(connection: AsyncConnection, month: sql.Identifier, *, is_pending: bool) -> None:
    if may_be_distributed(connection) or is_pending:
        command = DETACH_APART if may_be_distributed(connection) else FINALIZE
        await _change(connection, sql.SQL(command).format(month))
        return
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await execute_alone(connection, sql.SQL(DETACH).format(month))
    except TimeoutError:
        raise Unavailable(IN_USE) from None


async def _change(connection: AsyncConnection, command: sql.Composed) -> None:
    try:
        async with connection.transaction():
            milliseconds = str(round(WAIT_SECONDS * 1000))
            await connection.execute(LIMIT_WAIT, {"milliseconds": milliseconds})
            await connection.execute(command)
    except psycopg.errors.LockNotAvailable:
        raise Unavailable(IN_USE) from None


async def _remove_identities(
    connection: AsyncConnection, month: sql.Identifier, is_late: Callable[[], bool], limit: int
) -> bool:
    """Removes the identities of the events of a month, and rests after each step.

    Returns:
        Whether all are removed.
    """
    is_over = False
    while not is_over:
        if is_late():
            return False
        begin = time.monotonic()
        async with connection.transaction():
            low = await read_first(connection, POSITION, {})
            bounds = {"low": low, "limit": limit}
            high = await _find_time(connection, FIND_END, month, bounds)
            if high == low:
                high = await _find_time(connection, FIND_NEXT, month, bounds)
            bounds |= {"high": high}
            remove = REMOVE_APART if may_be_distributed(connection) else REMOVE
            await connection.execute(sql.SQL(remove).format(month), bounds)
            is_over = high is None
            if high is None:
                high = await _find_time(connection, END, month, {})
            if high is not None and high > low:
                await connection.execute(MOVE, {"high": high})
        await rest(begin)
    return True


async def _find_time(
    connection: AsyncConnection, question: str, month: sql.Identifier, bounds: dict[str, object]
) -> datetime | None:
    row = await (await connection.execute(sql.SQL(question).format(month), bounds)).fetchone()
    return None if row is None else row[0]
