"""Retention: events are kept for some months, and longer ago only what still decides answers."""

import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

import psycopg
import structlog
from psycopg import AsyncConnection

from receiver.errors import DatabaseAway, Unavailable
from receiver.store.connections.database import connect_async
from receiver.store.derived.behind import LAST_DEVICE
from receiver.store.derived.derivation import DERIVATION
from receiver.store.projector.projecting import (
    IS_ELSEWHERE,
    LOWEST,
    STATEMENT_SECONDS,
    read_first,
)
from receiver.store.retention.counting import retire
from receiver.store.retention.freeing import free, list_months
from receiver.store.retention.resting import rest
from receiver.store.retention.seeding import STEP_EVENTS, seed
from receiver.store.schema.partitions import NOW, tell_clock

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

# Before every event; the row is made with it, and shows how far the copies are.
NEVER = "0001-01-01Z"
BEGIN = f"""
INSERT INTO retention (kept_from, identities_from) VALUES ('{NEVER}', '{NEVER}')
ON CONFLICT ON CONSTRAINT retention_pkey DO NOTHING
"""  # noqa: S608 - composed of constants
# What was copied for another moment is copied anew.
LEAVE = """
UPDATE retention SET leaving_until = %(kept_from)s, seeded_below = NULL, counted_below = NULL
WHERE leaving_until IS DISTINCT FROM %(kept_from)s
"""
PROGRESS = "SELECT seeded_below, counted_below FROM retention"
SEEDED = "UPDATE retention SET seeded_below = %(below)s"
COUNTED = "UPDATE retention SET counted_below = %(below)s"
KEEP = """
UPDATE retention SET kept_from = greatest(kept_from, %(kept_from)s), leaving_until = NULL,
    seeded_below = NULL, counted_below = NULL
"""

# A run takes a part of one core, and no core of others: no helpers of a step, and no compilation
# that takes longer than the step.
# A crash ends a run at an earlier step, from which the next one goes on, and to drop a table waits
# for the log by itself. So no step has the disk flush the log beside the intake.
SETTINGS = {"max_parallel_workers_per_gather": "0", "jit": "off", "synchronous_commit": "off"}

# No statement is prepared but one that asks for it.
ASKED_FOR = sys.maxsize

# Of one run, so that no other work of the service waits for it for long; the next one goes on.
RUN_SECONDS = 120.0


Place = TypeVar("Place")


class Run(NamedTuple):
    """What one run did.

    Attributes:
        gone: the names of the tables that are gone.
        has_more: whether another run is to follow at once.
    """

    gone: Sequence[str]
    has_more: bool


async def retain(
    conninfo: str,
    months: int | None,
    *,
    run_seconds: float = RUN_SECONDS,
    limit: int = STEP_EVENTS,
) -> Run:
    """Drops the months of events that are older than a number of whole months before this one.

    Args:
        conninfo: in any form that libpq reads; a transaction pooler may stand between.
        months: that are kept whole, beside the current one; None: all, and only what an earlier
            run began is finished.
        run_seconds: after them the rest is left to another run.
        limit: events of one step, about.

    Raises:
        Unavailable: something is in the way, such as an open report or a rebuild of the answers;
            what is done stays, and the next run goes on.
    """
    end = time.monotonic() + run_seconds

    def is_late() -> bool:
        return time.monotonic() > end

    try:
        connection = await connect_async(
            conninfo,
            statement_timeout_seconds=STATEMENT_SECONDS,
            prepare_threshold=ASKED_FOR,
            settings=SETTINGS,
        )
        async with connection:
            if months is not None and not await _leave(connection, months, is_late, limit):
                return Run([], has_more=True)
            kept_from = await read_first(connection, KEPT_FROM, {})
            if kept_from is None:
                return Run([], has_more=False)
            gone = [name async for name in free(connection, kept_from, is_late)]
            return Run(gone, has_more=bool(await list_months(connection, kept_from)))
    except (psycopg.Error, OSError) as error:
        sqlstate = getattr(error, "sqlstate", None)
        suffix = "" if sqlstate is None else f" (SQLSTATE {sqlstate})"
        raise DatabaseAway(f"months cannot be dropped{suffix}") from error


async def drop_old_months(conninfo: str, months: int | None) -> bool:
    """Calls `retain`, and logs which tables are gone.

    Returns:
        Whether another run is to follow at once.

    Raises:
        Unavailable: as of `retain`.
    """
    run = await retain(conninfo, months)
    if run.gone:
        structlog.get_logger(__name__).info("months dropped", names=run.gone)
    return run.has_more


def read_clock() -> datetime:
    """Returns the time of this machine."""
    return datetime.now(UTC)


async def _leave(
    connection: AsyncConnection, months: int, is_late: Callable[[], bool], limit: int
) -> bool:
    """Lets the months that are due leave every answer but their own history.

    Returns:
        Whether they did; False: the time of the run is over.
    """
    kept_from: datetime | None = await read_first(connection, DUE, {"months": months})
    if kept_from is None:
        return True
    theirs: datetime = await read_first(connection, NOW, {})
    if (told := tell_clock(theirs, read_clock())) is not None:
        raise Unavailable(f"months are kept while {told}")
    bounds = {"kept_from": kept_from}
    if not await read_first(connection, IS_DERIVED, bounds):
        raise Unavailable("months are kept until all answers are derived from their events")
    await connection.execute(BEGIN)
    await connection.execute(LEAVE, bounds)
    [(seeded, counted)] = await (await connection.execute(PROGRESS)).fetchall()
    if seeded != LAST_DEVICE:
        below = seeded or LOWEST
        async for device_id in _rest(seed(connection, kept_from, below, limit)):
            if device_id == below:
                # Half of a step is no progress.
                continue
            below = device_id
            await connection.execute(SEEDED, {"below": device_id})
            if is_late():
                return False
        await connection.execute(SEEDED, {"below": LAST_DEVICE})
    async for subscription_id in _rest(retire(connection, kept_from, counted or "", limit)):
        await connection.execute(COUNTED, {"below": subscription_id})
        if is_late():
            return False
    await connection.execute(KEEP, bounds)
    return True


async def _rest(steps: AsyncIterator[Place]) -> AsyncIterator[Place]:
    """Yields what the steps do, and rests after each."""
    begin = time.monotonic()
    async for place in steps:
        yield place
        await rest(begin)
        begin = time.monotonic()
