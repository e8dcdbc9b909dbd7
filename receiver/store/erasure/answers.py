"""The last step: what answers are made of is removed, and derived anew from what came meanwhile."""

from psycopg import AsyncConnection

from receiver.errors import Unavailable
from receiver.store.derived.derivation import DERIVATION, FACTS, derive
from receiver.store.erasure.counts import Removed
from receiver.store.erasure.subjects import Subject

# The projector is waited for, whose steps take some hundredths of a second, but no longer.
LIMIT_WAIT = "SET LOCAL lock_timeout = '10s'"
LOCK = f"SELECT FROM projection WHERE greatest(derivation, rebuilding) <= {DERIVATION} FOR UPDATE"

# Retention copies and counts in them what it may have read before the events were removed.
LOCK_COPIES = "LOCK TABLE event_seed, subscription_retired IN SHARE ROW EXCLUSIVE MODE"

_OF_DEVICES = "device_id = ANY(%(devices)s::uuid[])"
_OF_SUBSCRIPTIONS = """(credential, subscription_id) IN (
        SELECT * FROM unnest(%(credentials)s::text[], %(subscription_ids)s::text[])
    )"""

# The rows of each table that go, by the name under which they are counted.
_ROWS = (
    ("registrations", f"subscription_registration WHERE {_OF_DEVICES} OR {_OF_SUBSCRIPTIONS}"),
    ("seeds", f"event_seed WHERE {_OF_DEVICES}"),
    ("counts", f"subscription_retired WHERE {_OF_SUBSCRIPTIONS}"),
    ("answers", f"device_status WHERE {_OF_DEVICES}"),
    ("answers", f"subscription WHERE {_OF_DEVICES}"),
    ("answers", f"device_identifier WHERE {_OF_DEVICES}"),
)
REMOVE = [(name, f"DELETE FROM {rows}".encode()) for name, rows in _ROWS]  # noqa: S608 - of constants
COUNT = [(name, f"SELECT count(*) FROM {rows}".encode()) for name, rows in _ROWS]  # noqa: S608 - of constants

DERIVE = f"WITH {derive([_OF_DEVICES], source=FACTS)} SELECT"


async def remove_answers(connection: AsyncConnection, subject: Subject) -> Removed:
    """Removes registrations, seeds, counts and derived rows.

    Args:
        connection: in a transaction.

    Raises:
        Unavailable: a newer release derived what there is.
    """
    await connection.execute(LIMIT_WAIT)
    if (await connection.execute(LOCK)).rowcount == 0:
        raise Unavailable("a newer release derived the answers; erase with that one")
    await connection.execute(LOCK_COPIES)
    removed = Removed()
    for name, statement in REMOVE:
        cursor = await connection.execute(statement, subject.parameters)
        removed = removed.add(**{name: cursor.rowcount})
    await connection.execute(DERIVE, subject.parameters)
    return removed


async def count_answers(connection: AsyncConnection, subject: Subject) -> Removed:
    """Returns how much `remove_answers` would remove."""
    counted = Removed()
    for name, statement in COUNT:
        cursor = await connection.execute(statement, subject.parameters)
        [(number,)] = await cursor.fetchall()
        counted = counted.add(**{name: number})
    return counted
