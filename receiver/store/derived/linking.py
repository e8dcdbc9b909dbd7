"""Links: which devices stand for another one, read when asked and written nowhere."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import NotDerivedYet
from receiver.projection.links import (
    BY_IDENTIFIER,
    BY_PHONE_NUMBER,
    Evidence,
    Via,
    find_links,
    list_linked,
)
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import Behind, read_behind
from receiver.store.derived.derivation import IS_MALFORMED, STRENGTH, select_events
from receiver.store.derived.identifiers import Identifiers
from receiver.store.derived.rows import Question, Rows, read_together, write_devices

_REPORTED = f"""device_id, credential, subscription_id, phone_number, network_access_identifier,
    {IS_MALFORMED} AS is_malformed"""

# A device that was told is as good as one that was reported, and is one more of them.
_REGISTERED_STRENGTH = f"""CASE
        WHEN phone_number IS NOT NULL THEN {BY_PHONE_NUMBER} ELSE {BY_IDENTIFIER}
    END"""

# Subscriptions of one device, and identifiers of one device: tens in years.
KEYS_LIMIT = 1000


@cache
def compose_evidence(behind: tuple[str, ...], is_whole: bool = False) -> str:
    """Returns the question for the evidence of several devices, and of those that share a key.

    What nobody shares links nothing. Of the others at most one is the weaker one, so any three tell
    whether there is a link: at least two of them are stronger. The events behind are read once, as
    they stand.

    Args:
        behind: conditions of the events that are not derived yet.
        is_whole: all keys of the devices count, also those that nobody shares.
    """
    limit = "ALL" if is_whole else str(KEYS_LIMIT)
    shared = """cardinality(devices) > 1
    OR (via, credential, value) IN (SELECT via, credential, value FROM other)"""
    return f"""
WITH tail AS MATERIALIZED (
    {select_events(_REPORTED, behind)}
), own AS MATERIALIZED (
    SELECT own.via, own.credential, own.value, device.id AS device_id, own.strength
    FROM unnest(%(devices)s::uuid[]) AS device (id) CROSS JOIN LATERAL (
        (
            SELECT '{Via.SUBSCRIPTION}' AS via, credential, subscription_id AS value, strength
            FROM subscription WHERE device_id = device.id LIMIT {limit}
        )
        UNION ALL
        (
            SELECT '{Via.SUBSCRIPTION}', credential, subscription_id, {_REGISTERED_STRENGTH}
            FROM subscription_registration WHERE device_id = device.id LIMIT {limit}
        )
        UNION ALL
        (
            SELECT '{Via.IDENTIFIER}', '', value, strength FROM device_identifier
            WHERE device_id = device.id AND kind = '{Via.IDENTIFIER}' LIMIT {limit}
        )
    ) AS own
    UNION ALL
    SELECT via.via, via.credential, via.value, device_id, {STRENGTH}
    FROM tail CROSS JOIN LATERAL (VALUES
        ('{Via.SUBSCRIPTION}', credential, subscription_id),
        ('{Via.IDENTIFIER}', '', CASE WHEN NOT is_malformed THEN network_access_identifier END)
    ) AS via (via, credential, value)
    WHERE device_id = ANY(%(devices)s::uuid[]) AND via.value IS NOT NULL
), key AS MATERIALIZED (
    SELECT via, credential, value, array_agg(device_id) AS devices FROM own GROUP BY 1, 2, 3
), other AS MATERIALIZED (
    SELECT key.via, key.credential, key.value, shared.device_id, shared.strength
    FROM key CROSS JOIN LATERAL (
        (
            SELECT device_id, strength FROM subscription
            WHERE key.via = '{Via.SUBSCRIPTION}'
                AND credential = key.credential AND subscription_id = key.value
            LIMIT 3
        )
        UNION ALL
        (
            SELECT device_id, {_REGISTERED_STRENGTH} FROM subscription_registration
            WHERE key.via = '{Via.SUBSCRIPTION}' AND device_id IS NOT NULL
                AND credential = key.credential AND subscription_id = key.value
        )
        UNION ALL
        (
            SELECT device_id, strength FROM device_identifier
            WHERE key.via = '{Via.IDENTIFIER}'
                AND kind = '{Via.IDENTIFIER}' AND value = key.value
            LIMIT 3
        )
    ) AS shared
    WHERE shared.device_id <> ALL(key.devices)
    UNION ALL
    SELECT key.via, key.credential, key.value, tail.device_id, {STRENGTH}
    FROM tail JOIN key ON key.via = '{Via.SUBSCRIPTION}'
        AND key.credential = tail.credential AND key.value = tail.subscription_id
    WHERE tail.device_id <> ALL(key.devices)
    UNION ALL
    SELECT key.via, key.credential, key.value, tail.device_id, {STRENGTH}
    FROM tail JOIN key ON key.via = '{Via.IDENTIFIER}'
        AND key.value = tail.network_access_identifier
    WHERE tail.device_id <> ALL(key.devices) AND NOT is_malformed
)
SELECT * FROM other
UNION ALL
SELECT own.* FROM own JOIN key USING (via, credential, value)
WHERE {"true" if is_whole else shared}
"""  # noqa: S608 - composed of constants


async def find_linked(connection: AsyncConnection, device_id: UUID, behind: Behind) -> list[UUID]:
    """Returns the devices that stand for a device."""
    evidence = await _evidence(connection, [device_id], behind)
    return list_linked(device_id, find_links(evidence))


class Links:
    """Answers which devices stand for a device.

    Attributes:
        identifiers: what was reported with which device.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.identifiers = Identifiers(engine)

    async def find(self, device_id: UUID) -> Sequence[UUID]:
        """Returns the devices that stand for a device.

        None while the device is derived for the first time: its own events are found all the same.
        """
        async with reading(self._engine) as connection:
            try:
                behind = await read_behind(connection, device_id)
            except NotDerivedYet:
                return ()
            return await find_linked(connection, device_id, behind)


async def read_links(
    connection: AsyncConnection, device_ids: Collection[UUID], behind: Behind
) -> dict[UUID, UUID]:
    """Returns all links of several devices, and of those that they stand for.

    Returns:
        The devices that stand for another one, each with the device it stands for.
    """
    evidence = await _evidence(connection, device_ids, behind)
    links = find_links(evidence)
    others = find_others(device_ids, links)
    if not others:
        return links
    return find_links([*evidence, *await _evidence(connection, others, behind)])


def find_others(device_ids: Collection[UUID], links: Mapping[UUID, UUID]) -> set[UUID]:
    """Returns the devices for which some of several devices stand, but for these themselves."""
    return {links[each] for each in device_ids if each in links}.difference(device_ids)


async def _evidence(
    connection: AsyncConnection, device_ids: Collection[UUID], behind: Behind
) -> list[Evidence]:
    """Returns the evidence of all devices that share a key with one of several devices."""
    [rows] = await read_together(connection, ask_for_evidence(write_devices(device_ids), behind))
    return read_evidence(rows)


async def read_whole_evidence(
    connection: AsyncConnection, device_ids: Collection[UUID], behind: Behind
) -> list[Evidence]:
    """Returns the evidence of several devices, and of all devices that share a key with them."""
    parameters = {"devices": write_devices(device_ids), **behind.bounds}
    question = Question(compose_evidence(behind.conditions, True), parameters, tuple_row)
    [rows] = await read_together(connection, question)
    return read_evidence(rows)


def ask_for_evidence(devices: str, behind: Behind) -> Question:
    """Asks for the evidence of all devices that share a key with one of several devices.

    Args:
        devices: as `write_devices` returns them.
    """
    parameters = {"devices": devices, **behind.bounds}
    return Question(compose_evidence(behind.conditions), parameters, tuple_row)


def read_evidence(rows: Rows) -> list[Evidence]:
    """Returns the evidence in rows."""
    return [Evidence(*row) for row in rows]
