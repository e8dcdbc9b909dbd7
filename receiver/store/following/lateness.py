"""Which events are late: a newer one of the same device and kind was stored before.

Events come in the order of their storing, and what counts is when they occurred. Whoever keeps the
latest event of each device leaves a late one out, as the status does.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store.derived.derivation import EFFECTIVE_AT
from receiver.store.events.stored_event import StoredEvent
from receiver.store.following.arrays import write_array

# Events of the device that occurred next; of a device with more of other kinds in between it is
# not known, and its event counts as in time.
NEXT_EVENTS = 1000

LATE = f"""
SELECT told.number FROM (
    SELECT *, {EFFECTIVE_AT} AS began_at FROM unnest(
        %(numbers)s::int[], %(devices)s::uuid[], %(kinds)s::text[], %(occurred)s::timestamptz[],
        %(received)s::timestamptz[], %(stored)s::timestamptz[], %(seqs)s::bigint[]
    ) AS event (number, device_id, kind, occurred_at, received_at, stored_at, seq)
) AS told
WHERE EXISTS (
    SELECT FROM (
        SELECT kind, {EFFECTIVE_AT} AS effective_at, stored_at, seq FROM event
        WHERE event.device_id = told.device_id AND event.occurred_at > told.began_at
        ORDER BY event.occurred_at LIMIT {NEXT_EVENTS}
    ) AS newer
    WHERE newer.kind = told.kind AND newer.effective_at > told.began_at
        AND (
            newer.stored_at <= %(told_until)s
            OR (newer.stored_at, newer.seq) < (told.stored_at, told.seq)
        )
)
"""  # noqa: S608 - composed of constants


class Told(NamedTuple):
    """An event as it is told, and whether it is late."""

    event: StoredEvent
    is_late: bool


async def mark_late(
    connection: AsyncConnection, events: Sequence[StoredEvent], told_until: datetime
) -> Sequence[Told]:
    """Returns the events in their order, each with whether it is late.

    Args:
        told_until: what was stored until then was told before, whatever its place in the order.
    """
    if not events:
        return []
    parameters = {
        "numbers": write_array(range(len(events))),
        "devices": write_array(event.device_id for event in events),
        "kinds": write_array(event.kind for event in events),
        "occurred": write_array(event.occurred_at for event in events),
        "received": write_array(event.received_at for event in events),
        "stored": write_array(event.stored_at for event in events),
        "seqs": write_array(event.seq for event in events),
        "told_until": told_until,
    }
    rows = (await connection.exec_driver_sql(LATE, parameters)).all()
    late = {number for (number,) in rows}
    return [Told(event, number in late) for number, event in enumerate(events)]
