"""Links: which devices stand for another one, read when asked and written nowhere."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import NotDerivedYet
from receiver.projection.links import find_links, list_linked
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import Behind, BehindMemory
from receiver.store.derived.evidence import ask_for_evidence, list_evidence, read_evidence
from receiver.store.derived.identifiers import Identifiers


async def find_linked(connection: AsyncConnection, device_id: UUID, behind: Behind) -> list[UUID]:
    """Returns the devices that stand for a device."""
    evidence = await read_evidence(connection, [device_id], behind)
    return list_linked(device_id, find_links(evidence))


class Links:
    """Answers which devices stand for a device.

    Attributes:
        identifiers: what was reported with which device.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._memory = BehindMemory()
        self.identifiers = Identifiers(engine)

    async def find(self, device_id: UUID) -> Sequence[UUID]:
        """Returns the devices that stand for a device.

        None while the device is derived for the first time: its own events are found all the same.
        """
        async with reading(self._engine) as connection:
            try:
                _, [rows] = await self._memory.ask(
                    connection, device_id, lambda behind: [ask_for_evidence([device_id], behind)]
                )
            except NotDerivedYet:
                return ()
        return list_linked(device_id, find_links(list_evidence(rows)))


async def read_links(
    connection: AsyncConnection, device_ids: Collection[UUID], behind: Behind
) -> dict[UUID, UUID]:
    """Returns all links of several devices, and of those that they stand for.

    Returns:
        The devices that stand for another one, each with the device it stands for.
    """
    evidence = await read_evidence(connection, device_ids, behind)
    links = find_links(evidence)
    others = find_others(device_ids, links)
    if not others:
        return links
    return find_links([*evidence, *await read_evidence(connection, others, behind)])


def find_others(device_ids: Collection[UUID], links: Mapping[UUID, UUID]) -> set[UUID]:
    """Returns the devices for which some of several devices stand, but for these themselves."""
    return {links[each] for each in device_ids if each in links}.difference(device_ids)
