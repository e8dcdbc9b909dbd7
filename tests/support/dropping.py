"""Events of a few minutes, some of which are dropped as those of whole months are."""

from collections.abc import Sequence
from datetime import datetime

import psycopg
from psycopg import AsyncConnection

from receiver.store.retention.counting import retire
from receiver.store.retention.retaining import BEGIN, KEEP
from receiver.store.retention.seeding import seed
from tests.support.facts import Told

# The month of `facts.NOON`, which lies behind those that a migration makes.
MONTH = """
CREATE TABLE IF NOT EXISTS event_2026_03 PARTITION OF event
FOR VALUES FROM ('2026-03-01 00:00Z') TO ('2026-04-01 00:00Z')
"""
CLEAR = """
TRUNCATE event, event_identity, event_seed, subscription_retired, retention, device_status,
    subscription, device_identifier
"""
# As if each had been stored when it was received.
PREDATE = "UPDATE event SET stored_at = received_at"
DROP = "DELETE FROM event WHERE stored_at < %s"


def clear(conninfo: str) -> None:
    """Removes all events, and all that was derived and kept of them."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(MONTH)
        connection.execute(CLEAR)


async def drop(connection: AsyncConnection, kept_from: datetime, steps: int = 2) -> None:
    """Drops the events that were received before a moment.

    Args:
        steps: events of one step.
    """
    await connection.execute(PREDATE)
    async for _ in seed(connection, kept_from, limit=steps):
        pass
    async for _ in retire(connection, kept_from, limit=steps):
        pass
    await connection.execute(BEGIN)
    await connection.execute(KEEP, {"kept_from": kept_from})
    await connection.execute(DROP, [kept_from])


def stored_before(events: Sequence[Told], kept_from: datetime) -> list[Told]:
    return [event for event in events if event.received_at < kept_from]
