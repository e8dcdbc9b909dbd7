"""What only a subscription or a network access identifier names stands for one device."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import Behind
from receiver.store.derived.linking import find_linked
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from tests.support.facts import DEVICES, NOON, STATUSES, Told

NAI = "device@operator.example"
PHONE, OTHER_PHONE = DEVICES[0], DEVICES[1]
WITH_NAI = PHONE._replace(network_access_identifier=NAI)
OTHER_WITH_NAI = OTHER_PHONE._replace(network_access_identifier=NAI)


def told(device: Device, subscription: str | None = "s-1", number: int = 0) -> Told:
    name = "connectivity-data"
    return Told(device, subscription, name, STATUSES[name][0], 0, 0, number)


NAMELESS = told(Device())
BY_NAI = told(Device(network_access_identifier=NAI), None)


@pytest.mark.parametrize(
    ("events", "asked", "linked"),
    [
        ([told(PHONE), NAMELESS], told(PHONE), [NAMELESS]),
        ([told(PHONE, "s-2"), NAMELESS], told(PHONE), []),
        ([told(PHONE), told(OTHER_PHONE), NAMELESS], told(PHONE), []),
        ([told(WITH_NAI, None), BY_NAI], told(WITH_NAI), [BY_NAI]),
        (
            [
                told(WITH_NAI, None),
                told(OTHER_PHONE._replace(network_access_identifier=NAI)),
                BY_NAI,
            ],
            told(WITH_NAI),
            [],
        ),
        ([told(WITH_NAI), NAMELESS, BY_NAI], told(WITH_NAI), [NAMELESS, BY_NAI]),
        ([told(PHONE), NAMELESS], NAMELESS, []),
    ],
)
async def test_a_link_holds_while_one_device_alone_was_reported_with_it(
    ingest: Ingest,
    projection: Projection,
    engine: AsyncEngine,
    events: Sequence[Told],
    asked: Told,
    linked: Sequence[Told],
) -> None:
    await ingest.commit([event.arrival for event in events])
    await projection.derive_all()
    async with reading(engine) as connection:
        found = await find_linked(connection, asked.device_id, Behind((), {}, NOON, NOON))
    assert set(found) == {UUID(event.arrival.device_id) for event in linked}
