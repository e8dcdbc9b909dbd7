"""Events of devices are compared, to find what subscriptions told twice with nothing between."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from psycopg import AsyncConnection

from receiver.projection.ledger import Key
from receiver.projection.subscriptions.gaps import Repeat, find_repeats
from receiver.store.connections.silence import may_be_distributed
from receiver.store.derived.rows import TOLD, read_fact, read_rows
from receiver.store.subscriptions.known import Known

# Events of one device that are compared, the latest ones: in a list, and where a device or
# subscriptions are named.
LISTED_COMPARED = 20
COMPARED_EVENTS = 200

# Devices of one subscription that are compared; some subscriptions are about thousands.
COMPARED_DEVICES = 20

# The planner sees no value of the limit, or it would read and sort all events of a device of which
# it expects about as many.
COMPARED = f"""
SELECT told.* FROM unnest(%(devices)s::uuid[]) AS device (id) CROSS JOIN LATERAL (
    SELECT {TOLD} FROM event WHERE device_id = device.id
    ORDER BY occurred_at DESC LIMIT (SELECT %(limit)s::bigint)
) AS told
"""  # noqa: S608 - composed of constants


# Of events of several servers each looks through its own, for all devices at once.
COMPARED_APART = f"""
SELECT {TOLD} FROM (
    SELECT {TOLD}, row_number() OVER (PARTITION BY device_id ORDER BY occurred_at DESC) AS nth
    FROM event WHERE device_id = ANY(%(devices)s::uuid[])
) AS event
WHERE nth <= %(limit)s::bigint
"""  # noqa: S608 - composed of constants


async def compare(
    connection: AsyncConnection,
    known: Known,
    keys: Collection[Key],
    alike: Mapping[UUID, Collection[UUID]],
    limit: int,
) -> Mapping[Key, Sequence[Repeat]]:
    """Returns the repeated events of subscriptions, the earliest first.

    Args:
        known: has read the subscriptions of all these devices.
        alike: by each device that they are about, all that stand for the same one.
        limit: of the events of each device.
    """
    compared = {key: known.find_devices(key)[:COMPARED_DEVICES] for key in keys}
    groups = {device_id: alike[device_id] for few in compared.values() for device_id in few}
    devices = list(set().union(*groups.values()))
    question = COMPARED_APART if may_be_distributed(connection) else COMPARED
    rows = await read_rows(connection, question, devices=devices, limit=limit)
    found = {
        device_id: find_repeats(
            [read_fact(row) for row in rows if row.device_id in group],
            known.find_covering_of(group),
        )
        for device_id, group in groups.items()
    }
    return {
        key: sorted({one for device_id in few for one in found[device_id].get(key, ())})
        for key, few in compared.items()
    }
