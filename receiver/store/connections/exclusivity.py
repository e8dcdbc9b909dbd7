"""Exclusivity between processes: an advisory lock that a transaction holds beside the work."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
from psycopg import AsyncConnection

from receiver.errors import DatabaseAway, Unavailable
from receiver.store.connections.database import connect_async

# A lock of the transaction and not of the session, because a transaction pooler gives the session
# to somebody else. The time limit is for a holder that hangs, or whose machine went away silently.
TAKE = """
SELECT
    set_config('idle_in_transaction_session_timeout', %(limit)s, true),
    pg_try_advisory_xact_lock(hashtext(%(name)s))
"""


@asynccontextmanager
async def exclusivity(
    conninfo: str,
    name: str,
    *,
    deadline_seconds: float,
    statement_timeout_seconds: float,
    prepare_threshold: int | None,
) -> AsyncIterator[bool]:
    """Holds the lock of that name for the length of the block, if no other process holds it.

    The lock has a connection of its own and is free as soon as that ends, so that a holder that
    dies leaves nothing behind. The work in the block uses connections of its own: when Postgres
    ends the lock's connection early, the work goes on without exclusivity.

    Args:
        deadline_seconds: for connecting and the block together.

    Yields:
        Whether this process holds the lock; the block decides what to do without it.

    Raises:
        DatabaseAway: the lock cannot be asked for, or was lost during the block.
        Unavailable: the block took longer than the deadline, and was cancelled.
    """
    try:
        async with asyncio.timeout(deadline_seconds) as deadline:
            with _translated():
                connection = await connect_async(
                    conninfo,
                    statement_timeout_seconds=statement_timeout_seconds,
                    prepare_threshold=prepare_threshold,
                )
            try:
                with _translated():
                    is_held = await _take(connection, name, deadline_seconds)
                yield is_held
                with _translated():
                    await connection.rollback()
            finally:
                await connection.close()
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Unavailable(f"it took longer than {deadline_seconds:g} seconds") from None


async def _take(connection: AsyncConnection, name: str, limit_seconds: float) -> bool:
    await connection.set_autocommit(False)
    limit_milliseconds = str(round(limit_seconds * 1000))
    cursor = await connection.execute(TAKE, {"limit": limit_milliseconds, "name": name})
    row = await cursor.fetchone()
    return row is not None and bool(row[1])


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        suffix = "" if error.sqlstate is None else f" (SQLSTATE {error.sqlstate})"
        raise DatabaseAway(f"the database cannot be asked for a lock{suffix}") from error
