"""A device is known, and what it reported, also where its events are not kept."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device
from receiver.store.events.history import History
from receiver.store.events.ingest import Ingest
from receiver.store.events.selection import Selection
from receiver.store.projector.projecting import Projection
from receiver.store.retention.retaining import retain
from tests.support.ageing import age_events, make_month
from tests.support.facts import DEVICES, NAI, STATUSES, Told
from tests.support.instructions import Instructions

EVENTS = [
    Told(DEVICES[2], "sub", "roaming-on", STATUSES["roaming-on"][0], minute, 0, minute)
    for minute in range(3)
]
DEVICE = EVENTS[0].device_id
OF_DEVICE = Selection(device_id=DEVICE)

# Of seven statements; 70,200 when this was written, and 125,000 while each was composed anew.
INSTRUCTIONS = 80_000
BY_IDENTIFIER = Device(network_access_identifier=NAI)


async def test_a_device_is_known_when_its_events_are_not_kept(
    conninfo: str, engine: AsyncEngine, ingest: Ingest, projection: Projection
) -> None:
    history = History(engine)
    await projection.derive_all()
    make_month(conninfo, 3)
    await ingest.commit([event.arrival for event in EVENTS])
    await projection.derive_all()
    age_events(conninfo, 3)
    before = await history.device(DEVICE)
    assert before is not None
    assert await retain(conninfo, 1)
    for selection in (
        OF_DEVICE,
        Selection(reported=BY_IDENTIFIER),
        Selection(device_id=UUID(int=1), linked=[DEVICE]),
    ):
        assert await history.exists(selection)
    assert await history.devices_reporting(BY_IDENTIFIER, 3) == [DEVICE]
    summary = await history.device(DEVICE)
    assert summary is not None
    assert set(summary.identifiers) == set(before.identifiers)
    assert (summary.first_event, summary.last_event) == (None, None)
    await ingest.commit([EVENTS[0]._replace(number=9).arrival])
    summary = await history.device(DEVICE)
    assert summary is not None
    assert summary.identifiers == before.identifiers
    assert summary.first_event == summary.last_event is not None


async def test_a_device_is_summed_up_without_composing_a_statement(
    engine: AsyncEngine, ingest: Ingest
) -> None:
    await ingest.commit([event.arrival for event in EVENTS])
    history = History(engine)

    async def ask() -> int:
        """Returns the instructions of the questions about a device."""
        with Instructions() as instructions:
            assert await history.device(DEVICE) is not None
            assert await history.exists(OF_DEVICE)
            assert await history.devices_reporting(BY_IDENTIFIER, 3) == [DEVICE]
        return instructions.number

    # The first one composes.
    assert [await ask() for _ in range(3)][-1] < INSTRUCTIONS


async def test_what_never_had_an_event_is_not_known(engine: AsyncEngine) -> None:
    history = History(engine)
    assert not await history.exists(Selection(device_id=UUID(int=0)))
    assert not await history.exists(Selection(reported=Device(phone_number="+99999991009")))
    assert await history.device(UUID(int=0)) is None
    assert await history.devices_reporting(BY_IDENTIFIER, 3) == []
