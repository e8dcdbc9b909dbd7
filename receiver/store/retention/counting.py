"""The events of subscriptions are counted in months that are to be dropped.

tests/store/retention/test_retention_laws.py holds the counts equal to those of
`projection.subscriptions.forecast`.
"""

from collections.abc import AsyncIterator
from datetime import datetime

from psycopg import AsyncConnection

from receiver.store.derived.derivation import EFFECTIVE_AT
from receiver.store.projector.projecting import read_first
from receiver.store.retention.seeding import STEP_EVENTS

FIND_SUBSCRIPTIONS = """
SELECT subscription_id FROM event
WHERE stored_at < %(kept_from)s AND subscription_id >= %(low)s
ORDER BY subscription_id OFFSET %(limit)s LIMIT 1
"""
FIND_NEXT_SUBSCRIPTION = """
SELECT subscription_id FROM event
WHERE stored_at < %(kept_from)s AND subscription_id > %(low)s ORDER BY subscription_id LIMIT 1
"""

# A pause is the time since the event before it, whatever its name, as in the ledger.
RETIRE = f"""
WITH told AS MATERIALIZED (
    SELECT credential, subscription_id, name, date_trunc('month', stored_at, 'UTC') AS month,
        kind <> 'subscription' AS is_charged, {EFFECTIVE_AT} AS effective_at, digest,
        termination_description
    FROM event
    WHERE stored_at < %(kept_from)s AND subscription_id >= %(low)s
        AND (%(high)s::text IS NULL OR subscription_id < %(high)s)
), paused AS (
    SELECT *, effective_at - lag(effective_at) OVER (
        PARTITION BY credential, subscription_id, month ORDER BY effective_at
    ) AS pause
    FROM told
)
INSERT INTO subscription_retired (
    credential, subscription_id, name, month, events, charged, first_at, last_at, longest_pause,
    description
)
SELECT credential, subscription_id, name, month, count(*), count(*) FILTER (WHERE is_charged),
    min(effective_at), max(effective_at), max(pause),
    (array_agg(termination_description ORDER BY effective_at DESC, digest DESC))[1]
FROM paused GROUP BY credential, subscription_id, name, month
ON CONFLICT DO NOTHING
"""  # noqa: S608 - composed of constants


async def retire(
    connection: AsyncConnection, kept_from: datetime, low: str = "", limit: int = STEP_EVENTS
) -> AsyncIterator[str]:
    """Counts the events of subscriptions stored before a moment.

    Args:
        connection, limit: as of `seeding.seed`.
        low: subscriptions below it are counted.

    Yields:
        After each step but the last one, the subscription below which all are counted.
    """
    next_low: str | None = low
    while next_low is not None:
        low = next_low
        bounds = {"kept_from": kept_from, "low": low, "limit": limit}
        next_low = await read_first(connection, FIND_SUBSCRIPTIONS, bounds)
        if next_low == low:
            next_low = await read_first(connection, FIND_NEXT_SUBSCRIPTION, bounds)
        await connection.execute(RETIRE, {**bounds, "high": next_low})
        if next_low is not None:
            yield next_low
