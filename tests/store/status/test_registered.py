"""Registrations are read by subscription or by device, as they were told."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.projection.subscriptions.registration import Registration
from receiver.store.connections.engine import reading
from receiver.store.status.registered import read_registrations
from receiver.store.subscriptions.registrations import Registrations
from tests.support.facts import NOON

DEVICE = UUID(int=7)
WHOLE = Registration(
    NOON,
    starts_at=NOON,
    expires_at=NOON + timedelta(days=1),
    max_events=9,
    types=("a", "b"),
    device_id=DEVICE,
    phone_number="+99999991000",
    network_access_identifier="one@operator.example",
)
BARE = Registration(NOON)


async def test_a_registration_is_read_as_it_was_told(engine: AsyncEngine) -> None:
    registrations = Registrations(engine)
    for subscription_id, told in (("s-1", WHOLE), ("s-2", BARE), ("s-3", BARE)):
        assert await registrations.register(("jwt:client", subscription_id), told)
    async with reading(engine) as connection:
        by_key = await read_registrations(connection, [("jwt:client", "s-2"), ("x", "s-1")], [])
        by_device = await read_registrations(connection, [], [DEVICE])
        by_both = await read_registrations(connection, [("jwt:client", "s-1")], [DEVICE])
    assert by_key == {("jwt:client", "s-2"): BARE}
    assert by_device == by_both == {("jwt:client", "s-1"): WHOLE}
