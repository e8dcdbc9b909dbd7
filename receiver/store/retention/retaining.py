"""Retention: events are kept for some months, and longer ago only what still decides answers."""

import asyncio
import time
from datetime import datetime

import psycopg
import structlog
from psycopg import AsyncConnection

from receiver.errors import DatabaseAway, Unavailable
from receiver.store.connections.database import connect_async
from receiver.store.derived.derivation import DERIVATION
from receiver.store.projector.projecting import IS_ELSEWHERE, STATEMENT_SECONDS, read_first
from receiver.store.retention.freeing import free
from receiver.store.retention.seeding import STEP_EVENTS, retire, seed

# The first month that is kept, by the database's clock; null: no month before it is left to drop.
# A partition that no reader sees any more is left to `free`.
DUE = """
SELECT due.at FROM (
    SELECT date_trunc('month', now(), 'UTC') - make_interval(months => %(months)s) AS at
) AS due
WHERE due.at > coalesce((SELECT kept_from FROM retention), '-infinity') AND EXISTS (
    SELECT FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = 'event'::regclass AND NOT inhdetachpending
        AND child.relname < 'event_' || to_char(due.at AT TIME ZONE 'UTC', 'YYYY_MM')
)
"""
KEPT_FROM = "SELECT kept_from FROM retention"

# Whether all that was stored before a moment is derived, with room for transactions that ran then.
IS_DERIVED = f"""
SELECT derivation = {DERIVATION} AND rebuilding IS NULL AND NOT {IS_ELSEWHERE}
    AND position_at > %(kept_from)s::timestamptz + interval '1 hour'
FROM projection
"""  # noqa: S608 - composed of constants

KEEP = """
INSERT INTO retention AS known (kept_from, identities_from) VALUES (%(kept_from)s, '0001-01-01Z')
ON CONFLICT ON CONSTRAINT retention_pkey DO UPDATE SET
    kept_from = greatest(known.kept_from, excluded.kept_from)
"""


async def retain(conninfo: str, months: int | None, *, limit: int = STEP_EVENTS) -> list[str]:
    """Drops the months of events that are older than a number of whole months before this one.

    Args:
        conninfo: a direct connection to the database.
        months: that are kept whole, beside the current one; None: all, and only what an earlier
            run began is finished.
        limit: events of one step, about.

    Returns:
        The names of the tables that are gone.

    Raises:
        Unavailable: something is in the way, such as an open report or a rebuild of the answers;
            what is done stays, and the next run goes on.
    """
    try:
        connection = await connect_async(
            conninfo, statement_timeout_seconds=STATEMENT_SECONDS, prepare_threshold=None
        )
        async with connection:
            if months is not None:
                await _leave(connection, months, limit)
            kept_from = await read_first(connection, KEPT_FROM, {})
            if kept_from is None:
                return []
            return [name async for name in free(connection, kept_from)]
    except (psycopg.Error, OSError) as error:
        sqlstate = getattr(error, "sqlstate", None)
        suffix = "" if sqlstate is None else f" (SQLSTATE {sqlstate})"
        raise DatabaseAway(f"months cannot be dropped{suffix}") from error


async def drop_old_months(conninfo: str, months: int | None) -> None:
    """Calls `retain`, and logs which tables are gone.

    Raises:
        Unavailable: as of `retain`.
    """
    gone = await retain(conninfo, months)
    if gone:
        structlog.get_logger(__name__).info("months dropped", names=gone)


async def _leave(connection: AsyncConnection, months: int, limit: int) -> None:
    """Lets the months that are due leave every answer but their own history."""
    kept_from: datetime | None = await read_first(connection, DUE, {"months": months})
    if kept_from is None:
        return
    bounds = {"kept_from": kept_from}
    if not await read_first(connection, IS_DERIVED, bounds):
        raise Unavailable("months are kept until all answers are derived from their events")
    for steps in (seed(connection, kept_from, limit), retire(connection, kept_from, limit)):
        begin = time.monotonic()
        async for _ in steps:
            # Half of a core is left to the others.
            await asyncio.sleep(time.monotonic() - begin)
            begin = time.monotonic()
    await connection.execute(KEEP, bounds)
