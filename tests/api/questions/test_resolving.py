"""The device that an identifier means."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.api.questions.resolving import Resolver
from receiver.errors import IdentifierAmbiguous, IdentifierNotFound
from receiver.events.devices.identity import identify, identify_reported
from receiver.events.event import Device
from receiver.store.connections.engine import question_engine
from receiver.store.derived.identifiers import Identifiers
from receiver.store.events.history import History
from receiver.store.subscriptions.registrations import Registrations
from tests.support.arrivals import NAMESPACE, arrival
from tests.support.store.history import store

NAI = Device(network_access_identifier="device@operator.example")


@pytest.fixture
async def engine(conninfo: str) -> Any:
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=5, prepare_threshold=None
    )
    yield engine
    await engine.dispose()


@pytest.fixture
def resolver(engine: AsyncEngine) -> Resolver:
    return Resolver(History(engine), Identifiers(engine), Registrations(engine), lambda: NAMESPACE)


def reported(number: int, device: Device) -> Any:
    device_id = identify(
        NAMESPACE, device, credential="operator", subscription_id=None, source=None
    )
    return arrival(number, device=device)._replace(device_id=device_id)


async def test_a_phone_number_means_its_own_device_seen_or_not(resolver: Resolver) -> None:
    device = Device(phone_number="+99999991000")
    assert await resolver.resolve(device) == UUID(identify_reported(NAMESPACE, device))


async def test_another_identifier_means_the_one_device_it_was_reported_with(
    resolver: Resolver, conninfo: str
) -> None:
    with pytest.raises(IdentifierNotFound):
        await resolver.resolve(NAI)
    both = NAI._replace(phone_number="+99999991000")
    await store(conninfo, [reported(1, both)])
    assert await resolver.resolve(NAI) == UUID(identify_reported(NAMESPACE, both))
    await store(conninfo, [reported(2, NAI._replace(phone_number="+99999991001"))])
    with pytest.raises(IdentifierAmbiguous):
        await resolver.resolve(NAI)
    await store(conninfo, [reported(3, NAI)])
    assert await resolver.resolve(NAI) == UUID(identify_reported(NAMESPACE, NAI))
