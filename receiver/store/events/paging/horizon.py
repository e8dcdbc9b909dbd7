"""How far the order of arrival is settled: what was stored before is seen, and nothing joins it.

An event takes the time of its storing from the database's clock once its transaction has locked
the table, and the lock is held until the transaction is seen or undone. So whoever reads after a
look at the locks misses nothing older than the look, or than the transactions that held one then.

| who holds a lock | is believed to store since |
|---|---|
| a session of the same role | the beginning of its transaction |
| another one, of which Postgres does not tell it, or a prepared one | half a minute before |
| whoever began more than ten minutes ago | ten minutes before: it stops nobody for ever |

After the clock was set back, events that were stored ahead of it wait until it has come to them:
those that are stored meanwhile come before them.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import reading

# Locks first and then beginnings: a transaction that began between the two stores later, and one
# that ended is seen by whoever reads next. A session that is gone has no row.
HORIZON = """
WITH writer AS MATERIALIZED (
    SELECT DISTINCT pid FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND relation = 'event'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), begun AS MATERIALIZED (
    SELECT CASE
            WHEN session.state IS NULL OR session.state = 'disabled'
            THEN now() - interval '30 seconds' ELSE session.xact_start
        END AS at
    FROM writer CROSS JOIN LATERAL pg_stat_get_activity(writer.pid) AS session
    WHERE writer.pid IS NOT NULL
    UNION ALL
    SELECT now() - interval '30 seconds' FROM writer WHERE pid IS NULL
)
SELECT greatest(least(now(), min(at)), now() - interval '10 minutes') FROM begun
"""


async def read_horizon(engine: AsyncEngine) -> datetime:
    """Returns the time before which a question that follows sees all events there will ever be.

    Raises:
        DatabaseAway: as `reading`.
    """
    # A statement by itself: one transaction with the question could show both the same moment.
    async with reading(engine) as connection:
        cursor = await connection.execute(HORIZON)
        [(horizon,)] = await cursor.fetchall()
    found: datetime = horizon
    return found
