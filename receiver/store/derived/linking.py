"""Links: which devices stand for another one, read when asked and written nowhere."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from receiver.errors import NotDerivedYet
from receiver.projection.links import Evidence, Via, find_links, list_linked
from receiver.store.connections.engine import asking
from receiver.store.derived.behind import read_behind
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


def _select_tail(also: str) -> str:
    """Returns the evidence in the events that are not derived yet."""
    return f"""
SELECT via.via, via.credential, via.value, device_id, strength
FROM (
    SELECT *, {STRENGTH} AS strength
    FROM ({select_events(_REPORTED, BEHIND, f"{OF_CLUSTER} AND {also}")}) AS event
) AS event CROSS JOIN LATERAL (VALUES
    ('{Via.SUBSCRIPTION}', credential, subscription_id),
    ('{Via.IDENTIFIER}', '', CASE WHEN NOT is_malformed THEN network_access_identifier END)
) AS via (via, credential, value)
WHERE via.value IS NOT NULL
"""  # noqa: S608 - composed of constants


OWN_EVIDENCE = f"""
SELECT own.via, own.credential, own.value, device.id AS device_id, own.strength
FROM unnest(%(devices)s::uuid[]) AS device (id) CROSS JOIN LATERAL (
    (
        SELECT '{Via.SUBSCRIPTION}' AS via, credential, subscription_id AS value, strength
        FROM subscription WHERE device_id = device.id LIMIT %(limit)s
    )
    UNION ALL
    (
        SELECT '{Via.IDENTIFIER}', '', value, strength FROM device_identifier
        WHERE device_id = device.id AND kind = '{Via.IDENTIFIER}' LIMIT %(limit)s
    )
) AS own
UNION ALL
{_select_tail("device_id = ANY(%(devices)s::uuid[])")}
"""  # noqa: S608 - composed of constants

# Of all that share a key at most one is the weaker one, so any three tell whether there is a link:
# at least two of them are stronger. Of a key in the tail, other keys of the same value come too.
SHARED_EVIDENCE = f"""
SELECT key.via, key.credential, key.value, shared.device_id, shared.strength
FROM unnest(%(vias)s::text[], %(credentials)s::text[], %(values)s::text[])
    AS key (via, credential, value)
CROSS JOIN LATERAL (
    (
        SELECT device_id, strength FROM subscription
        WHERE key.via = '{Via.SUBSCRIPTION}'
            AND credential = key.credential AND subscription_id = key.value
        LIMIT 3
    )
    UNION ALL
    (
        SELECT device_id, strength FROM device_identifier
        WHERE key.via = '{Via.IDENTIFIER}'
            AND kind = '{Via.IDENTIFIER}' AND value = key.value
        LIMIT 3
    )
) AS shared
UNION ALL
{
    _select_tail(
        "(subscription_id = ANY(%(values)s::text[])"
        " OR network_access_identifier = ANY(%(values)s::text[]))"
    )
}
"""  # noqa: S608 - composed of constants

# Subscriptions of one device, and identifiers of one device: tens in years.
KEYS_LIMIT = 1000


async def find_linked(
    connection: AsyncConnection, device_id: UUID, behind: Mapping[str, object]
) -> list[UUID]:
    """Returns the devices that stand for a device.

    Args:
        behind: the position up to which links are derived; the events behind it count too.
    """
    return list_linked(device_id, find_links(await _evidence(connection, [device_id], behind)))


class Links:
    """Answers which devices stand for a device."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, device_id: UUID) -> Sequence[UUID]:
        """Returns the devices that stand for a device.

        None while the device is derived for the first time: its own events are found all the same.
        """
        async with asking(self._engine) as connection:
            try:
                behind = await read_behind(connection, device_id)
            except NotDerivedYet:
                return ()
            return await find_linked(connection, device_id, behind.bounds)


async def read_links(
    connection: AsyncConnection, device_ids: Collection[UUID], behind: Mapping[str, object]
) -> dict[UUID, UUID]:
    """Returns all links of several devices, and of those that they stand for.

    Args:
        behind: as in `find_linked`.

    Returns:
        The devices that stand for another one, each with the device it stands for.
    """
    evidence = await _evidence(connection, device_ids, behind)
    links = find_links(evidence)
    others = {links[each] for each in device_ids if each in links}.difference(device_ids)
    if not others:
        return links
    return find_links([*evidence, *await _evidence(connection, others, behind)])


async def _evidence(
    connection: AsyncConnection, device_ids: Collection[UUID], behind: Mapping[str, object]
) -> list[Evidence]:
    """Returns the evidence of all devices that share a key with one of several devices."""
    own = await read_rows(
        connection, OWN_EVIDENCE, devices=list(device_ids), limit=KEYS_LIMIT, **behind
    )
    keys = {Evidence(*row).key for row in own}
    if not keys:
        return []
    vias, credentials, values = map(list, zip(*sorted(keys), strict=True))
    shared = await read_rows(
        connection, SHARED_EVIDENCE, vias=vias, credentials=credentials, values=values, **behind
    )
    evidence = (Evidence(*row) for row in [*own, *shared])
    return [one for one in evidence if one.key in keys]
