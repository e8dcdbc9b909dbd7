"""Links: which devices stand for another one, read when asked and written nowhere."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.projection import links
from receiver.projection.links import Evidence, Via
from receiver.store.derived.derivation import (
    BEHIND,
    IS_MALFORMED,
    OF_CLUSTER,
    STRENGTH,
    select_events,
)
from receiver.store.derived.rows import read_rows

_REPORTED = f"""device_id, credential, subscription_id, phone_number, network_access_identifier,
    {IS_MALFORMED} AS is_malformed"""

# Of the events that are not derived yet, whose devices they are.
TAIL_EVIDENCE = f"""
SELECT via.via, via.credential, via.value, device_id, strength
FROM (
    SELECT *, {STRENGTH} AS strength
    FROM ({select_events(_REPORTED, BEHIND, OF_CLUSTER)}) AS event
) AS event CROSS JOIN LATERAL (VALUES
    ('{Via.SUBSCRIPTION}', credential, subscription_id),
    ('{Via.IDENTIFIER}', '', CASE WHEN NOT is_malformed THEN network_access_identifier END)
) AS via (via, credential, value)
WHERE via.value IS NOT NULL
"""  # noqa: S608 - composed of constants

OWN_EVIDENCE = f"""
SELECT '{Via.SUBSCRIPTION}' AS via, credential, subscription_id AS value, device_id, strength
FROM subscription WHERE device_id = %(device)s
UNION ALL
SELECT '{Via.IDENTIFIER}', '', value, device_id, strength
FROM device_identifier WHERE device_id = %(device)s AND kind = '{Via.IDENTIFIER}'
LIMIT %(limit)s
"""  # noqa: S608 - composed of constants

# Of all that share a key, the weakest and two others tell whether there is a link.
SHARED_EVIDENCE = f"""
SELECT key.via, key.credential, key.value, shared.device_id, shared.strength
FROM unnest(%(vias)s::text[], %(credentials)s::text[], %(values)s::text[])
    AS key (via, credential, value)
CROSS JOIN LATERAL (
    (
        SELECT device_id, strength FROM subscription
        WHERE key.via = '{Via.SUBSCRIPTION}'
            AND credential = key.credential AND subscription_id = key.value
        ORDER BY strength LIMIT 3
    )
    UNION ALL
    (
        SELECT device_id, strength FROM device_identifier
        WHERE key.via = '{Via.IDENTIFIER}'
            AND kind = '{Via.IDENTIFIER}' AND value = key.value
        ORDER BY strength LIMIT 3
    )
) AS shared
"""  # noqa: S608 - composed of constants

# Subscriptions and identifiers of one device: tens in years.
KEYS_LIMIT = 1000


async def find_linked(
    connection: AsyncConnection, device_id: UUID, behind: Mapping[str, object]
) -> list[UUID]:
    """Returns the devices that stand for a device.

    Args:
        behind: the position up to which links are derived; the events behind it count too.
    """
    tail = [Evidence(*row) for row in await read_rows(connection, TAIL_EVIDENCE, **behind)]
    own = [
        Evidence(*row)
        for row in await read_rows(connection, OWN_EVIDENCE, device=device_id, limit=KEYS_LIMIT)
    ]
    own += [one for one in tail if one.device_id == device_id]
    keys = {one.key for one in own if not one.is_weaker}
    if not keys:
        return []
    vias, credentials, values = map(list, zip(*sorted(keys), strict=True))
    shared = await read_rows(
        connection, SHARED_EVIDENCE, vias=vias, credentials=credentials, values=values
    )
    evidence = [*own, *tail, *(Evidence(*row) for row in shared)]
    return list(links.find_linked(device_id, (one for one in evidence if one.key in keys)))
