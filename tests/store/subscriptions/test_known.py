"""What is known of subscriptions, read in parts."""

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device
from receiver.projection.subscriptions.registration import Registration
from receiver.store.connections.engine import reading
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from receiver.store.subscriptions.known import Known, TailEvent
from receiver.store.subscriptions.registrations import Registrations
from tests.support.facts import DEVICES, NOON, STATUSES, Told

NAME = "roaming-on"
KEY = ("operator", "s-1")


def told(device: Device, subscription: str = "s-1", name: str = NAME) -> Told:
    return Told(device, subscription, name, STATUSES[name][0], 0, 0, 0)


PHONE, NAMELESS = told(DEVICES[0]), told(Device(), name="subscription-ended")


async def test_what_only_the_subscription_identifies_is_no_device_where_there_is_one(
    engine: AsyncEngine, projection: Projection, ingest: Ingest
) -> None:
    await ingest.commit([NAMELESS.arrival])
    await projection.derive_all()
    async with reading(engine) as connection:
        known = Known(connection, [])
        await known.read([KEY])
        assert known.find_devices(KEY) == [NAMELESS.device_id]
        known = Known(connection, [TailEvent(PHONE.device_id, 3, PHONE.fact)])
        await known.read([KEY])
    assert known.find_devices(KEY) == [PHONE.device_id]
    assert known.told[KEY].names == {NAME}
    assert known.told[KEY].closing is not None


async def test_a_registered_device_is_one(engine: AsyncEngine, conninfo: str) -> None:
    registration = Registration(NOON, types=("x.roaming-off",), device_id=PHONE.device_id)
    await Registrations(engine).register(("jwt:client", "s-1"), registration)
    key = ("jwt:client", "s-1")
    async with reading(engine) as connection:
        known = Known(connection, [])
        await known.read_of([PHONE.device_id])
    assert known.find_devices(key) == [PHONE.device_id]
    assert known.find_covering(key).names == {"roaming-off"}
    assert set(known.find_covering_of([PHONE.device_id])) == {key}
    assert known.find_covering_of([NAMELESS.device_id]) == {}
