"""The sweep: the latest days are derived once more, against whatever the feed may have skipped.

Derivation merges, so what was derived before changes nothing. Each step takes the lock of the
projection for as long as it lasts, and is small, so that the feed goes on between two of them.
"""

import asyncio
import time
from datetime import timedelta

import psycopg
from psycopg import AsyncConnection

from receiver.errors import DatabaseAway
from receiver.store.connections.database import connect_async
from receiver.store.derived.derivation import DERIVATION, derive
from receiver.store.projector.projecting import read_first

SWEPT = timedelta(days=2)
STEP_EVENTS = 4000

NOW = "SELECT now()"

# The end of a step: the time behind so many events, or the one after the first where that alone
# has as many, as one transaction may have.
FIND_END = """
SELECT stored_at FROM event
WHERE stored_at >= %(low)s AND stored_at < %(until)s ORDER BY stored_at OFFSET %(limit)s LIMIT 1
"""
FIND_NEXT = """
SELECT stored_at FROM event
WHERE stored_at > %(low)s AND stored_at < %(until)s ORDER BY stored_at LIMIT 1
"""

# A derivation of a newer release is left to that release.
LOCK = f"SELECT FROM projection WHERE greatest(derivation, rebuilding) <= {DERIVATION} FOR UPDATE"

IN_STEP = "stored_at >= %(low)s AND stored_at < %(high)s"
STEP = f"WITH {derive([IN_STEP], is_repeated=True)} SELECT"


async def sweep(
    conninfo: str, *, statement_timeout_seconds: float, step_events: int = STEP_EVENTS
) -> None:
    """Derives from the events of the latest two days again, resting as long as it works.

    Raises:
        DatabaseAway: the database is away, too slow or not migrated; the rest was not swept.
    """
    try:
        connection = await connect_async(
            conninfo, statement_timeout_seconds=statement_timeout_seconds, prepare_threshold=None
        )
        async with connection:
            await _sweep(connection, step_events)
    except (psycopg.Error, OSError) as error:
        sqlstate = getattr(error, "sqlstate", None)
        suffix = "" if sqlstate is None else f" (SQLSTATE {sqlstate})"
        raise DatabaseAway(f"the sweep cannot go on{suffix}") from error


async def _sweep(connection: AsyncConnection, step_events: int) -> None:
    now = await read_first(connection, NOW, {})
    low, until = now - SWEPT, now
    while low < until:
        begin = time.monotonic()
        bounds = {"low": low, "until": until, "limit": step_events}
        high = await read_first(connection, FIND_END, bounds) or until
        if high == low:
            high = await read_first(connection, FIND_NEXT, bounds) or until
        async with connection.transaction():
            if (await connection.execute(LOCK)).rowcount == 0:
                return
            await connection.execute(STEP, {"low": low, "high": high})
        low = high
        await asyncio.sleep(time.monotonic() - begin)
