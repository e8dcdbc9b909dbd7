"""What was told is kept, and the later word of each fact counts."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import InvalidArgument
from receiver.projection.subscriptions.registration import Registration
from receiver.store.connections.engine import reading
from receiver.store.credentials.credentials import Role, create_credential
from receiver.store.status.registered import read_registrations
from receiver.store.subscriptions.registrations import Registrations
from tests.support.facts import NOON

KEY = ("operator", "s-1")
LATER = NOON + timedelta(hours=1)
NAI = "one@operator.example"


@pytest.fixture
def registrations(engine: AsyncEngine, conninfo: str) -> Registrations:
    create_credential(conninfo, "operator", Role.SINK, b"\1" * 32, None)
    create_credential(conninfo, "analyst", Role.READER, b"\2" * 32, None)
    return Registrations(engine)


async def test_each_fact_of_a_later_registration_replaces_the_one_before(
    registrations: Registrations, engine: AsyncEngine
) -> None:
    first = Registration(
        NOON, expires_at=NOON, types=("a",), device_id=UUID(int=1), phone_number="+99999991000"
    )
    second = Registration(
        LATER,
        expires_at=LATER,
        max_events=3,
        device_id=UUID(int=2),
        network_access_identifier=NAI,
    )
    assert await registrations.register(KEY, first)
    assert not await registrations.register(KEY, second)
    assert not await registrations.register(KEY, Registration(LATER, starts_at=LATER))
    async with reading(engine) as connection:
        found = await read_registrations(connection, [KEY], [])
    expected = second._replace(registered_at=NOON, types=("a",), starts_at=LATER)
    assert found == {KEY: expected}


@pytest.mark.parametrize("name", ["nobody", "analyst", ""])
async def test_only_a_sender_has_subscriptions(registrations: Registrations, name: str) -> None:
    with pytest.raises(InvalidArgument, match=r"^credential: "):
        await registrations.register((name, "s-1"), Registration(NOON))


async def test_a_device_is_found_by_the_identifier_with_which_it_was_told(
    registrations: Registrations,
) -> None:
    for number in (1, 2):
        told = Registration(NOON, device_id=UUID(int=number), network_access_identifier=NAI)
        await registrations.register(("operator", f"s-{number}"), told)
    found = await registrations.devices_registered(NAI, 3)
    assert sorted(found) == [UUID(int=1), UUID(int=2)]
    assert len(await registrations.devices_registered(NAI, 1)) == 1
    assert await registrations.devices_registered("other@operator.example", 3) == []
