"""Events and their identities are removed, in small transactions; no insert waits for long."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, sql

from receiver.store.connections.silence import may_be_distributed
from receiver.store.erasure.counts import Removed
from receiver.store.erasure.subjects import Subject
from receiver.store.events.columns import sent_at
from receiver.store.projector.projecting import read_first
from receiver.store.schema.filling import COUNT_BLOCKS

# Of one transaction: some ten milliseconds, for which a redelivery may wait.
STEP_EVENTS = 500
# 64 MB of identities, read in a tenth of a second.
STEP_BLOCKS = 8000
# What others hold is theirs for the length of a commit.
REST_SECONDS = 0.05

# Before every event.
NEVER = "-infinity"

# By the time, which an index leads to: a step reads no events but its own, however many there are.
# An identity goes with its event or stays with it. One that another transaction holds is left for
# the next step, as two that wait for each other would both wait in vain. Until 0022 is applied an
# identity may lack its time. Each table is asked for the device itself, so that of several servers
# the one that has its rows executes all.
REMOVE = f"""
WITH chosen AS MATERIALIZED (
    SELECT stored_at, seq, device_id, digest, occurred_at, {sent_at("event")} AS sent_at
    FROM event WHERE device_id = %(device)s AND occurred_at >= %(low)s::timestamptz
    ORDER BY occurred_at LIMIT %(limit)s
), timed AS MATERIALIZED (
    SELECT identity.sent_at, identity.device_id, identity.digest
    FROM chosen JOIN event_identity AS identity USING (sent_at, device_id, digest)
    WHERE identity.device_id = %(device)s
    FOR UPDATE OF identity SKIP LOCKED
), timeless AS MATERIALIZED (
    SELECT identity.device_id, identity.digest
    FROM chosen JOIN event_identity AS identity USING (device_id, digest)
    WHERE identity.sent_at IS NULL AND identity.device_id = %(device)s
    FOR UPDATE OF identity SKIP LOCKED
), removed_timed AS (
    DELETE FROM event_identity AS identity USING timed
    WHERE identity.device_id = %(device)s AND identity.sent_at = timed.sent_at
        AND identity.digest = timed.digest
    RETURNING 1
), removed_timeless AS (
    DELETE FROM event_identity AS identity USING timeless
    WHERE identity.device_id = %(device)s AND identity.sent_at IS NULL
        AND identity.digest = timeless.digest
    RETURNING 1
), removed AS (
    DELETE FROM event USING chosen
    WHERE event.device_id = %(device)s
        AND event.occurred_at >= (SELECT min(occurred_at) FROM chosen)
        AND event.occurred_at <= (SELECT max(occurred_at) FROM chosen)
        AND event.stored_at = chosen.stored_at AND event.seq = chosen.seq AND (
            (chosen.sent_at, chosen.digest) IN (SELECT sent_at, digest FROM timed)
            OR chosen.digest IN (SELECT digest FROM timeless)
            OR NOT EXISTS (
                SELECT FROM event_identity AS identity
                WHERE identity.sent_at = chosen.sent_at
                    AND identity.device_id = %(device)s AND identity.digest = chosen.digest
            ) AND NOT EXISTS (
                SELECT FROM event_identity AS identity
                WHERE identity.sent_at IS NULL
                    AND identity.device_id = %(device)s AND identity.digest = chosen.digest
            )
        )
    RETURNING 1
)
SELECT (SELECT count(*) FROM chosen), (SELECT count(*) FROM removed),
    (SELECT count(*) FROM removed_timed) + (SELECT count(*) FROM removed_timeless),
    (SELECT max(occurred_at)::text FROM chosen)
"""  # noqa: S608 - composed of constants

# Tables of months that are dropped and not gone yet.
LEAVING = """
SELECT child.relname::text FROM pg_class AS child
LEFT JOIN pg_inherits ON inhrelid = child.oid AND inhparent = 'event'::regclass
WHERE child.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'event'::regclass)
    AND child.relkind = 'r' AND child.relname ~ '^event_[0-9]{4}_[0-9]{2}$'
    AND (inhparent IS NULL OR inhdetachpending)
ORDER BY child.relname
"""
REMOVE_LEAVING = "DELETE FROM {} WHERE device_id = ANY(%(devices)s::uuid[])"
COUNT_LEAVING = "SELECT count(*) FROM {} WHERE device_id = ANY(%(devices)s::uuid[])"

# Of events that are not kept any more. No index knows the device of an identity.
_IN_BLOCKS = "ctid >= %(low)s::tid AND ctid < %(high)s::tid"
_ALONE = """device_id = ANY(%(devices)s::uuid[])
    AND NOT EXISTS (
        SELECT FROM event
        WHERE event.device_id = identity.device_id AND event.digest = identity.digest
    )"""
REMOVE_ALONE = f"DELETE FROM event_identity AS identity WHERE {_ALONE}"  # noqa: S608 - of constants
COUNT_ALONE = f"SELECT count(*) FROM event_identity AS identity WHERE {_ALONE}"  # noqa: S608 - of constants

COUNT = "SELECT count(*) FROM event WHERE device_id = ANY(%(devices)s::uuid[])"


async def remove_events(
    connection: AsyncConnection, device_id: UUID, limit: int = STEP_EVENTS
) -> AsyncIterator[Removed]:
    """Removes the events of a device, each with its identity.

    Args:
        connection: in autocommit mode.
        limit: events of one step.

    Yields:
        What each step removed; it is committed.
    """
    low, left = NEVER, 1
    while left:
        left = 0
        chosen = limit
        while chosen == limit:
            begin = time.monotonic()
            bounds = {"device": device_id, "low": low, "limit": limit}
            cursor = await connection.execute(REMOVE, bounds)
            [(chosen, events, identities, low)] = await cursor.fetchall()
            yield Removed(events=events, identities=identities)
            left += chosen - events
            await asyncio.sleep(max(time.monotonic() - begin, 0 if events else REST_SECONDS))
        # Once more for those that were held; what is stored from here on begins a new history.
        low = NEVER


async def remove_leaving(connection: AsyncConnection, subject: Subject) -> int:
    """Removes the events in months that are dropped and not gone yet; returns their number."""
    return await _of_leaving(connection, REMOVE_LEAVING, subject)


async def count_events(connection: AsyncConnection, subject: Subject) -> int:
    """Returns how many events there are, those of months that are being dropped included."""
    kept: int = await read_first(connection, COUNT, subject.parameters)
    return kept + await _of_leaving(connection, COUNT_LEAVING, subject)


async def remove_identities(
    connection: AsyncConnection, subject: Subject, blocks: int = STEP_BLOCKS
) -> AsyncIterator[int]:
    """Removes identities without an event, and rests as long as it works.

    Yields:
        How many each step removed.
    """
    removed = 1
    # A redelivery may move one of them to where the steps were already.
    while removed:
        removed = 0
        async for number in _of_alone(connection, REMOVE_ALONE, subject, blocks):
            removed += number
            yield number


async def count_identities(
    connection: AsyncConnection, subject: Subject, blocks: int = STEP_BLOCKS
) -> int:
    """Returns how many identities without an event there are."""
    return sum([n async for n in _of_alone(connection, COUNT_ALONE, subject, blocks)])


async def _of_leaving(connection: AsyncConnection, statement: str, subject: Subject) -> int:
    number = 0
    for row in await (await connection.execute(LEAVING)).fetchall():
        composed = sql.SQL(statement).format(sql.Identifier(row[0]))
        try:
            number += await _execute(connection, composed, subject.parameters)
        except psycopg.errors.UndefinedTable:  # gone meanwhile
            continue
    return number


async def _of_alone(
    connection: AsyncConnection, statement: str, subject: Subject, limit: int
) -> AsyncIterator[int]:
    if may_be_distributed(connection):
        # The blocks are those of other servers, which search side by side.
        yield await _execute(connection, statement, subject.parameters)
        return
    statement = f"{statement} AND {_IN_BLOCKS}"
    blocks = await read_first(connection, COUNT_BLOCKS, {"table": "event_identity"})
    for first in range(0, blocks, limit):
        begin = time.monotonic()
        bounds = {"low": f"({first},0)", "high": f"({first + limit},0)"}
        yield await _execute(connection, statement, {**subject.parameters, **bounds})
        await asyncio.sleep(time.monotonic() - begin)


async def _execute(connection: AsyncConnection, statement: Any, parameters: dict[str, Any]) -> int:
    """Returns how many rows a statement removed, or counted."""
    cursor = await connection.execute(statement, parameters)
    if cursor.description is None:
        return cursor.rowcount
    [(number,)] = await cursor.fetchall()
    return int(number)
