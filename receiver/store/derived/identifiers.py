"""What lasts of a device: the phone numbers and network access identifiers of all its events.

The derived table knows them by an index, however many events carried them. The events that are not
derived yet are folded on top.
"""

from collections.abc import Callable, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import NotDerivedYet
from receiver.events.event import Device
from receiver.projection.links import Via
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import LAST_DEVICE, Behind, BehindMemory
from receiver.store.derived.derivation import IS_MALFORMED, select_events
from receiver.store.derived.rows import Question, Rows, write_devices

# The kinds of the table, and the members of a device.
_MEMBERS = {"phone-number": "phone_number", Via.IDENTIFIER: "network_access_identifier"}

# Identifiers in one answer.
LIMIT = 100


@cache
def compose_reported(behind: tuple[str, ...]) -> str:
    """Returns the question for the identifiers of several devices.

    Args:
        behind: conditions of the events that are not derived yet.
    """
    return f"""
WITH tail AS MATERIALIZED ({_select_tail(behind)})
SELECT kind, value FROM (
    SELECT own.kind, own.value
    FROM unnest(%(devices)s::uuid[]) AS device (id) CROSS JOIN LATERAL (
        SELECT kind, value FROM device_identifier WHERE device_id = device.id
        ORDER BY device_id, kind, value
    ) AS own
    UNION
    SELECT kind, value FROM tail WHERE device_id = ANY(%(devices)s::uuid[])
) AS reported
ORDER BY kind DESC, value LIMIT {LIMIT}
"""  # noqa: S608 - composed of constants


@cache
def compose_names(behind: tuple[str, ...]) -> str:
    """Returns the question for one phone number and one network access identifier of each device.

    Registrations name devices too.

    Args:
        behind: as of `compose_reported`.
    """
    return f"""
WITH tail AS MATERIALIZED ({_select_tail(behind)})
SELECT device_id, kind, min(value) AS value FROM (
    SELECT device_id, kind, value FROM device_identifier
    WHERE device_id = ANY(%(devices)s::uuid[])
    UNION ALL
    SELECT device_id, kind, value FROM tail WHERE device_id = ANY(%(devices)s::uuid[])
    UNION ALL
    SELECT device_id, told.kind, told.value FROM subscription_registration
    CROSS JOIN LATERAL (VALUES
        ('phone-number', phone_number), ('{Via.IDENTIFIER}', network_access_identifier)
    ) AS told (kind, value)
    WHERE device_id = ANY(%(devices)s::uuid[]) AND told.value IS NOT NULL
) AS name
GROUP BY device_id, kind
"""  # noqa: S608 - composed of constants


@cache
def compose_reporting(behind: tuple[str, ...]) -> str:
    """Returns the question for some devices of one identifier.

    Args:
        behind: as of `compose_reported`.
    """
    return f"""
WITH tail AS MATERIALIZED ({_select_tail(behind)})
(
    SELECT device_id FROM device_identifier
    WHERE kind = %(kind)s AND value = %(value)s LIMIT %(limit)s
)
UNION
(
    SELECT DISTINCT device_id FROM tail
    WHERE kind = %(kind)s AND value = %(value)s LIMIT %(limit)s
)
LIMIT %(limit)s
"""  # noqa: S608 - composed of constants


class Identifiers:
    """Answers what was reported with what, as far as it is derived or still behind."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._memory = BehindMemory()

    async def list_reported(self, devices: Sequence[UUID]) -> list[Device]:
        """Returns what lasts of several devices, one identifier each, at most 100.

        None while one of the devices is derived for the first time.
        """
        rows = await self._read(
            compose_reported, max(devices, default=LAST_DEVICE), devices=write_devices(devices)
        )
        return [Device(**{_MEMBERS[row.kind]: row.value}) for row in rows]

    async def name_devices(self, devices: Sequence[UUID]) -> dict[UUID, Device]:
        """Returns the phone number and the network access identifier of each device that has any.

        Of several of a kind it is the first in the order of letters. None has while devices are
        derived for the first time.
        """
        rows = await self._read(compose_names, LAST_DEVICE, devices=write_devices(devices))
        found: dict[UUID, Device] = {}
        for row in rows:
            known = found.get(row.device_id, Device())
            found[row.device_id] = known._replace(**{_MEMBERS[row.kind]: row.value})
        return found

    async def list_reporting(self, identifier: str, limit: int) -> list[UUID]:
        """Returns devices whose events carried a network access identifier, at most `limit`.

        None while devices are derived for the first time.
        """
        rows = await self._read(
            compose_reporting, LAST_DEVICE, kind=Via.IDENTIFIER, value=identifier, limit=limit
        )
        return [row.device_id for row in rows]

    async def _read(
        self, compose: Callable[[tuple[str, ...]], str], about: UUID, **parameters: object
    ) -> Rows:
        def ask(behind: Behind) -> list[Question]:
            return [Question(compose(behind.conditions), {**parameters, **behind.bounds})]

        async with reading(self._engine) as connection:
            try:
                _, [rows] = await self._memory.ask(connection, about, ask)
            except NotDerivedYet:
                return ()
        return rows


def _select_tail(behind: tuple[str, ...]) -> str:
    """Returns the identifiers in the events behind; a malformed one identifies nothing."""
    columns = "device_id, phone_number, network_access_identifier, findings"
    return f"""
    SELECT device_id, identifier.kind, identifier.value
    FROM ({select_events(columns, behind)}) AS event CROSS JOIN LATERAL (VALUES
        ('phone-number', phone_number),
        ('{Via.IDENTIFIER}', CASE WHEN NOT {IS_MALFORMED} THEN network_access_identifier END)
    ) AS identifier (kind, value)
    WHERE identifier.value IS NOT NULL
"""  # noqa: S608 - composed of constants
