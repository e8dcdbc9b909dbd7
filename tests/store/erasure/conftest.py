"""A device with events, identities and derived rows, and another one beside it."""

from typing import NamedTuple
from uuid import UUID

import pytest

from receiver.events.event import Device
from receiver.store.erasure.subjects import Subject
from tests.support.arrivals import NAMESPACE, PHONE_NUMBER
from tests.support.erasing import derive, identified
from tests.support.store.history import store

OTHER_NUMBER = "+99999992000"


class Stored(NamedTuple):
    """What is stored.

    Attributes:
        subject: a device with three events of a subscription of its own.
        other: a device with one event.
    """

    subject: Subject
    other: UUID


@pytest.fixture
async def stored(conninfo: str) -> Stored:
    """Two devices, all derived."""
    mine = [identified(NAMESPACE, number, device=Device(PHONE_NUMBER)) for number in range(3)]
    yours = identified(
        NAMESPACE, 9, device=Device(OTHER_NUMBER), subscription_id="s-2", payload='{"to": 1}'
    )
    await derive(conninfo)
    await store(conninfo, [*mine, yours])
    await derive(conninfo)
    subject = Subject(
        (UUID(mine[0].device_id),),
        frozenset({PHONE_NUMBER}),
        frozenset(),
        frozenset(),
        frozenset({("operator", "s-1")}),
    )
    return Stored(subject, UUID(yours.device_id))
