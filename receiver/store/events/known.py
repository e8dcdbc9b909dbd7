"""Which of several events are stored already."""

from collections.abc import Sequence

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Arrival
from receiver.store.connections.engine import reading
from receiver.store.events.columns import sent_at

# What an event is known by: its device id, 32 hexadecimal digits, and its digest.
Identity = tuple[str, bytes]

FIND_KNOWN = f"""
SELECT identity.device_id, identity.digest
FROM json_to_recordset(%(rows)s::json) AS arrival (
    device_id uuid, digest bytea, occurred_at timestamptz, findings text[]
)
JOIN event_identity AS identity
    ON identity.sent_at = {sent_at("arrival")}
    AND identity.device_id = arrival.device_id AND identity.digest = arrival.digest
"""  # noqa: S608 - composed of constants


def identify_arrival(arrival: Arrival) -> Identity:
    """Returns what the event of an arrival is known by."""
    return arrival.device_id, arrival.event.digest


async def find_known(engine: AsyncEngine, arrivals: Sequence[Arrival]) -> set[Identity]:
    """Returns which of these events are stored.

    Raises:
        DatabaseAway: the database does not answer.
    """
    if not arrivals:
        return set()
    rows = [
        {
            "device_id": arrival.device_id,
            "digest": "\\x" + arrival.event.digest.hex(),
            "occurred_at": arrival.event.occurred_at,
            "findings": arrival.event.findings,
        }
        for arrival in arrivals
    ]
    async with reading(engine) as connection:
        found = await connection.execute(FIND_KNOWN, {"rows": orjson.dumps(rows).decode()})
        return {(device_id.hex, digest) for device_id, digest in await found.fetchall()}
