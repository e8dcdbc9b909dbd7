"""What answers are made of goes at once, and what came meanwhile is derived."""

import asyncio

import psycopg
import pytest

from receiver.errors import Unavailable
from receiver.store.derived.derivation import DERIVATION
from receiver.store.erasure.answers import count_answers, remove_answers
from receiver.store.erasure.counts import Removed
from tests.store.erasure.conftest import Stored
from tests.support.ageing import execute
from tests.support.erasing import connected, read_derived, rebuild
from tests.support.store.database import column

STEP = "SELECT FROM projection FOR UPDATE"
# As a step does that read the events before they were removed.
LATE = """
INSERT INTO device_identifier (device_id, kind, value, strength)
VALUES ('{}', 'phone-number', '+99999991000', 3) ON CONFLICT DO NOTHING
"""
EVENTS = "DELETE FROM event WHERE device_id = '{}'"
SEED = """
INSERT INTO event_seed (
    device_id, stored_at, seq, digest, name, credential, occurred_at, received_at, findings,
    decides_from
)
VALUES ('{}', now(), 1, '', 'roaming-on', 'operator', now(), now(), '{{}}', now())
"""
COUNTED = """
INSERT INTO subscription_retired (
    credential, subscription_id, name, month, events, charged, first_at, last_at
)
VALUES ('operator', '{}', 'roaming-on', now(), 1, 1, now(), now())
"""
REGISTERED = """
INSERT INTO subscription_registration (credential, subscription_id, registered_at, device_id)
VALUES ('{}', '{}', now(), {})
"""


async def remove(conninfo: str, stored: Stored) -> Removed:
    async with connected(conninfo) as connection, connection.transaction():
        return await remove_answers(connection, stored.subject)


async def test_all_of_the_device_goes_and_all_of_others_stays(
    conninfo: str, stored: Stored
) -> None:
    [device_id] = stored.subject.devices
    execute(conninfo, EVENTS.format(device_id))
    for each in (device_id, stored.other):
        execute(conninfo, SEED.format(each))
    for subscription_id in ("s-1", "s-2"):
        execute(conninfo, COUNTED.format(subscription_id))
    for credential, subscription_id, about in (
        ("operator", "s-1", "NULL"),
        ("operator", "s-9", f"'{device_id}'"),
        ("operator", "s-2", f"'{stored.other}'"),
        ("another", "s-1", "NULL"),
    ):
        execute(conninfo, REGISTERED.format(credential, subscription_id, about))
    async with connected(conninfo) as connection:
        counted = await count_answers(connection, stored.subject)
    assert counted == Removed(registrations=2, seeds=1, counts=1, answers=counted.answers)
    assert await remove(conninfo, stored) == counted
    assert counted.answers >= 3
    assert not any(str(device_id) in row for row in read_derived(conninfo))
    assert any(str(stored.other) in row for row in read_derived(conninfo))
    assert column(conninfo, "SELECT device_id FROM event_seed") == [str(stored.other)]
    assert column(conninfo, "SELECT subscription_id FROM subscription_retired") == ["s-2"]
    registered = "SELECT credential || ' ' || subscription_id FROM subscription_registration"
    assert sorted(column(conninfo, registered)) == ["another s-1", "operator s-2"]


async def test_what_came_meanwhile_is_derived_in_the_same_transaction(
    conninfo: str, stored: Stored
) -> None:
    await rebuild(conninfo)
    derived = read_derived(conninfo)
    assert (await remove(conninfo, stored)).answers >= 3
    assert read_derived(conninfo) == derived


async def test_a_step_of_the_projector_is_waited_for(conninfo: str, stored: Stored) -> None:
    [device_id] = stored.subject.devices
    with psycopg.connect(conninfo) as step:
        step.execute(STEP)
        execute(conninfo, EVENTS.format(device_id))
        removing = asyncio.create_task(remove(conninfo, stored))
        await asyncio.sleep(0.2)
        assert not removing.done()
        step.execute(LATE.format(device_id).encode())
    await removing
    assert not any(str(device_id) in row for row in read_derived(conninfo))


async def test_what_retention_copies_meanwhile_is_waited_for(conninfo: str, stored: Stored) -> None:
    [device_id] = stored.subject.devices
    with psycopg.connect(conninfo) as retention:
        retention.execute(SEED.format(device_id).encode())
        removing = asyncio.create_task(remove(conninfo, stored))
        await asyncio.sleep(0.2)
        assert not removing.done()
    assert (await removing).seeds == 1
    assert column(conninfo, "SELECT count(*) FROM event_seed") == ["0"]


async def test_a_newer_derivation_is_left_to_its_release(conninfo: str, stored: Stored) -> None:
    execute(conninfo, f"UPDATE projection SET derivation = {DERIVATION + 1}")  # noqa: S608 - of this test
    with pytest.raises(Unavailable, match="a newer release"):
        await remove(conninfo, stored)
