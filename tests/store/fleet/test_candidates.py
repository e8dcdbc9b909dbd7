"""Candidates come from an index and from the tail, in the order of their ids."""

from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device, Status
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import LAST_DEVICE, Behind, read_behind
from receiver.store.derived.rows import read_together
from receiver.store.events.ingest import Ingest
from receiver.store.fleet import candidates
from receiver.store.fleet.candidates import (
    Lead,
    ask_for_candidates,
    ask_for_tail_devices,
    choose_lead,
    join_candidates,
)
from receiver.store.fleet.fleet import BEFORE_ALL
from receiver.store.fleet.selection import FleetSelection
from receiver.store.projector.projecting import Projection
from receiver.store.status.parts import Parts
from tests.support.facts import NOON, Told


def said(phone: int, name: str, status: Status, minute: int = 0) -> Told:
    device = Device(phone_number=f"+9999999100{phone}")
    return Told(device, None, name, status, minute, 0, 0)


def abroad(phone: int, code: int | None, *names: str) -> Told:
    status = Status(roaming=True, country_code=code, country_name=names or None)
    return said(phone, "roaming-status", status)


FLEET = [
    abroad(0, 208, "FR"),
    abroad(1, 340, "BL", "GF", "GP"),
    abroad(2, 208),
    abroad(3, 262, "DE"),
    said(4, "roaming-off", Status(roaming=False), 60),
    said(5, "connectivity-data", Status(connectivity="CONNECTED_DATA"), 120),
    said(6, "network-type-changed", Status(connected_network_type="5G"), 180),
]
LATER = timedelta(hours=1)
CASES = [
    (FleetSelection(), [0, 1, 2, 3, 4, 5, 6]),
    (FleetSelection(countries=("FR",)), [0]),
    (FleetSelection(countries=("208",)), [0, 2]),
    (FleetSelection(countries=("GP", "DE", "901")), [1, 3]),
    (FleetSelection(roaming=("true",)), [0, 1, 2, 3]),
    (FleetSelection(roaming=("true", "false", "true")), [0, 1, 2, 3, 4]),
    (FleetSelection(connectivity=("CONNECTED_DATA",)), [5]),
    (FleetSelection(network_types=("5G", "4G"), connectivity=("CONNECTED_DATA",)), [6]),
    (FleetSelection(last_event_from=NOON + LATER), [4, 5, 6]),
    (FleetSelection(last_event_to=NOON + LATER), [0, 1, 2, 3]),
    (FleetSelection(last_event_from=NOON + LATER, last_event_to=NOON + 2 * LATER), [4]),
]


async def read_step(
    connection: AsyncConnection, lead: Lead, after: UUID, limit: int, behind: Behind
) -> list[UUID]:
    answers = await read_together(
        connection,
        ask_for_candidates(lead, after, limit),
        ask_for_tail_devices(behind, after, limit),
    )
    return join_candidates(answers, limit)


async def walk(engine: AsyncEngine, lead: Lead, limit: int) -> list[UUID]:
    """Returns all candidates, read step by step."""
    after, found = BEFORE_ALL, list[UUID]()
    async with reading(engine) as connection:
        behind = await read_behind(connection, LAST_DEVICE)
        while step := await read_step(connection, lead, after, limit, behind):
            assert list(step) == sorted(step)
            assert after < step[0]
            found += step
            after = step[-1]
    return found


@pytest.mark.parametrize("is_derived", [True, False])
@pytest.mark.parametrize("sizes", [(2000, 5000), (0, 2)])
async def test_every_device_that_meets_the_lead_is_a_candidate(
    ingest: Ingest,
    projection: Projection,
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
    sizes: tuple[int, int],
    is_derived: bool,
) -> None:
    monkeypatch.setattr(candidates, "RARE_LIMIT", sizes[0])
    monkeypatch.setattr(candidates, "WALK_LIMIT", sizes[1])
    await projection.derive_all()
    await ingest.commit([event.arrival for event in FLEET])
    if is_derived:
        await projection.derive_all()
    parts = {}
    for event in FLEET:
        parts[event.device_id] = Parts()
        parts[event.device_id].add_facts([event.fact])
    for selection, phones in CASES:
        lead = choose_lead(selection)
        meant = sorted(FLEET[phone].device_id for phone in phones)
        assert meant == sorted(each for each in parts if lead.admits(parts[each])), selection
        found = await walk(engine, lead, 2)
        assert meant == [each for each in found if lead.admits(parts[each])], selection
