"""What lasts of a device is known beyond its latest events, and exact after each commit."""

from uuid import UUID

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Arrival, Device
from receiver.store.derived.identifiers import Identifiers
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import OVERLAPPING, SNAPSHOT, Feed
from receiver.store.projector.projecting import Projection
from tests.support.arrivals import arrival

PHONES = ["+99999991000", "+99999991001", "+99999991002"]
NAI = "device@operator.example"
REGISTER = """
INSERT INTO subscription_registration (credential, subscription_id, registered_at, types,
    device_id, phone_number, network_access_identifier)
VALUES ('operator', 's-1', now(), '{}', %s, %s, %s)
"""
MALFORMED = ("network-access-identifier-malformed",)


@pytest.fixture(params=[SNAPSHOT, OVERLAPPING], ids=["snapshot", "overlap"])
def feed(request: pytest.FixtureRequest) -> Feed:
    found: Feed = request.param
    return found


def reported(number: int, phone: str, nai: str | None = NAI, **changed: object) -> Arrival:
    device = Device(phone_number=phone, network_access_identifier=nai)
    return arrival(number, phone_number=phone, device=device, **changed)


async def test_what_is_derived_and_what_is_behind_are_found_alike(
    engine: AsyncEngine, ingest: Ingest, projection: Projection
) -> None:
    identifiers = Identifiers(engine)
    one, two, three = arrivals = [reported(n, phone) for n, phone in enumerate(PHONES)]
    devices = [UUID(each.device_id) for each in arrivals]
    await projection.derive_all()
    assert await identifiers.list_reporting(NAI, 3) == []
    await ingest.commit([one])
    assert await identifiers.list_reporting(NAI, 3) == devices[:1]
    await projection.derive_all()
    assert await identifiers.list_reporting(NAI, 3) == devices[:1]
    await ingest.commit([two, three, reported(9, PHONES[0], "other@operator.example")])
    assert sorted(await identifiers.list_reporting(NAI, 3)) == sorted(devices)
    assert len(await identifiers.list_reporting(NAI, 2)) == 2
    expected = [
        Device(phone_number=PHONES[0]),
        Device(network_access_identifier=NAI),
        Device(network_access_identifier="other@operator.example"),
    ]
    for _ in range(2):
        assert await identifiers.list_reported(devices[:1]) == expected
        await projection.derive_all()
    assert len(await identifiers.list_reported(devices)) == 5
    assert await identifiers.list_reported([]) == []


async def test_a_malformed_identifier_lasts_for_no_device(
    engine: AsyncEngine, ingest: Ingest, projection: Projection
) -> None:
    await projection.derive_all()
    malformed = reported(1, PHONES[0], findings=MALFORMED)
    await ingest.commit([malformed])
    for _ in range(2):
        assert await Identifiers(engine).list_reporting(NAI, 3) == []
        found = await Identifiers(engine).list_reported([UUID(malformed.device_id)])
        assert found == [Device(phone_number=PHONES[0])]
        await projection.derive_all()


async def test_before_anything_is_derived_nothing_is_known_to_last(engine: AsyncEngine) -> None:
    assert await Identifiers(engine).list_reporting(NAI, 3) == []
    assert await Identifiers(engine).list_reported([UUID(int=1)]) == []


async def test_each_device_is_named_by_what_lasts_of_it(
    engine: AsyncEngine, ingest: Ingest, projection: Projection
) -> None:
    identifiers = Identifiers(engine)
    await projection.derive_all()
    bare = reported(0, PHONES[0], None)
    both = reported(1, PHONES[1])
    malformed = reported(2, PHONES[2], "a b@c", findings=MALFORMED)
    await ingest.commit([bare, both, reported(4, PHONES[1], "a@operator.example"), malformed])
    devices = [UUID(each.device_id) for each in (bare, both, malformed)]
    expected = {
        devices[0]: Device(PHONES[0]),
        devices[1]: Device(PHONES[1], "a@operator.example"),
        devices[2]: Device(PHONES[2]),
    }
    for _ in range(2):
        assert await identifiers.name_devices([*devices, UUID(int=7)]) == expected
        await projection.derive_all()
    assert await identifiers.name_devices([]) == {}


async def test_a_registration_names_a_device_of_which_no_event_is_kept(
    conninfo: str, engine: AsyncEngine, projection: Projection
) -> None:
    await projection.derive_all()
    with psycopg.connect(conninfo) as connection:
        connection.execute(REGISTER, [UUID(int=7), PHONES[0], NAI])
    found = await Identifiers(engine).name_devices([UUID(int=7)])
    assert found == {UUID(int=7): Device(PHONES[0], NAI)}
