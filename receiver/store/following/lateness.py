"""Which events are late: a newer one of the same device and kind was stored before.

Events come in the order of their storing, and what counts is when they occurred. Whoever keeps the
latest event of each device leaves a late one out, as the status does.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store.derived.derivation import EFFECTIVE_AT
from receiver.store.events.paging.placing import place
from receiver.store.events.selection import Selection
from receiver.store.events.stored_event import StoredEvent
from receiver.store.following.arrays import write_array

# Events of the device that occurred next; of a device with more of other kinds in between it is
# not known, and its event counts as in time.
NEXT_EVENTS = 1000

_TOLD = f"""SELECT *, {EFFECTIVE_AT} AS began_at FROM unnest(
        %(numbers)s::int[], %(devices)s::uuid[], %(kinds)s::text[], %(occurred)s::timestamptz[],
        %(received)s::timestamptz[], %(stored)s::timestamptz[], %(seqs)s::bigint[]
    ) AS event (number, device_id, kind, occurred_at, received_at, stored_at, seq)"""  # noqa: S608 - composed of constants

LATE = f"""
SELECT told.number FROM (
    {_TOLD}
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

# Of several servers each looks through the events of its own devices.
LATE_APART = f"""
WITH told AS MATERIALIZED (
    SELECT number, device_id, kind AS told_kind, began_at, stored_at AS told_at, seq AS told_seq
    FROM ({_TOLD}) AS told
)
SELECT DISTINCT number FROM (
    SELECT told.*, kind, {EFFECTIVE_AT} AS effective_at, stored_at, seq, row_number() OVER (
        PARTITION BY event.device_id, number ORDER BY occurred_at
    ) AS nth
    FROM event JOIN told ON event.device_id = told.device_id AND occurred_at > began_at
) AS newer
WHERE nth <= {NEXT_EVENTS} AND kind = told_kind AND effective_at > began_at
    AND (stored_at <= %(told_until)s OR (stored_at, seq) < (told_at, told_seq))
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
    is_apart = (await place(connection, Selection())).is_apart
    question = LATE_APART if is_apart else LATE
    rows = (await connection.exec_driver_sql(question, parameters)).all()
    late = {number for (number,) in rows}
    return [Told(event, number in late) for number, event in enumerate(events)]
