"""Events go with their identities, also those that are no longer kept whole."""

import asyncio

import psycopg
import pytest
from alembic import command

from receiver.store.connections.engine import migration_engine
from receiver.store.erasure.counts import Removed
from receiver.store.erasure.events import (
    count_events,
    count_identities,
    remove_events,
    remove_identities,
    remove_leaving,
)
from receiver.store.retention import freeing
from tests.store.erasure.conftest import Stored
from tests.support.ageing import age_events, execute, make_month
from tests.support.apart import FORMS
from tests.support.apart import apart as apart
from tests.support.erasing import connected, read_halves
from tests.support.store.database import alembic_configuration, column

HOLD = "SELECT FROM event_identity ORDER BY digest FOR UPDATE"
LEFT = "SELECT device_id FROM event UNION SELECT device_id FROM event_identity"
ALONE = "DELETE FROM event WHERE device_id = '{}'"
BLOCKS = "SELECT pg_relation_size('event_identity') / 8192"


async def remove(conninfo: str, stored: Stored, limit: int = 2) -> list[Removed]:
    [device_id] = stored.subject.devices
    async with connected(conninfo) as connection:
        return [step async for step in remove_events(connection, device_id, limit)]


async def test_events_and_identities_go_together_in_small_steps(
    conninfo: str, stored: Stored
) -> None:
    steps = await remove(conninfo, stored)
    assert steps == [Removed(events=2, identities=2), Removed(events=1, identities=1)]
    assert column(conninfo, LEFT) == [str(stored.other)]


@pytest.mark.undistributed("it locks identities of several servers")
async def test_an_identity_that_a_redelivery_holds_is_tried_again(
    conninfo: str, stored: Stored
) -> None:
    with psycopg.connect(conninfo) as redelivery:
        redelivery.execute(HOLD)
        removing = asyncio.create_task(remove(conninfo, stored))
        await asyncio.sleep(0.2)
        assert not removing.done()
        assert read_halves(conninfo) == []
    steps = await removing
    assert steps[0] == Removed()
    assert sum(step.events for step in steps) == 3
    assert column(conninfo, LEFT) == [str(stored.other)]


@pytest.mark.undistributed("it locks identities of several servers")
async def test_events_of_one_moment_go_in_small_steps_around_those_that_are_held(
    conninfo: str, stored: Stored
) -> None:
    execute(conninfo, "UPDATE event SET occurred_at = now()")
    execute(conninfo, "UPDATE event_identity SET sent_at = (SELECT max(occurred_at) FROM event)")
    with psycopg.connect(conninfo) as redelivery:
        redelivery.execute(HOLD.replace("FOR", "LIMIT 1 FOR"))
        removing = asyncio.create_task(remove(conninfo, stored, 1))
        await asyncio.sleep(0.3)
        assert read_halves(conninfo) == []
    assert sum(step.events for step in await removing) == 3
    assert column(conninfo, LEFT) == [str(stored.other)]


@FORMS
@pytest.mark.usefixtures("apart")
async def test_an_event_whose_identity_is_gone_goes_alone(conninfo: str, stored: Stored) -> None:
    execute(conninfo, "DELETE FROM event_identity")
    assert sum(step.events for step in await remove(conninfo, stored)) == 3
    assert column(conninfo, LEFT) == [str(stored.other)]


async def test_identities_without_a_time_go_too_until_the_last_migration(
    conninfo: str, stored: Stored
) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0020")
    execute(conninfo, "UPDATE event_identity SET sent_at = NULL WHERE ctid <> '(0,1)'")
    assert await remove(conninfo, stored, 10) == [Removed(events=3, identities=3)]
    assert column(conninfo, LEFT) == [str(stored.other)]


@pytest.mark.undistributed("a month is not detached concurrently")
@pytest.mark.parametrize("is_pending", [True, False])
async def test_a_month_that_is_detached_and_not_dropped_yet_loses_the_device(
    conninfo: str, stored: Stored, is_pending: bool
) -> None:
    name = make_month(conninfo, 3)
    age_events(conninfo, 3)
    detach = freeing.DETACH.format(name)
    if is_pending:
        with psycopg.connect(conninfo) as report:
            report.execute("SELECT count(*) FROM event")
            with psycopg.connect(conninfo, autocommit=True) as connection:
                connection.execute("SET lock_timeout = '200ms'")
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    connection.execute(detach.encode())
    else:
        execute(conninfo, detach)
    assert column(conninfo, "SELECT count(*) FROM event") == ["0"]
    async with connected(conninfo) as connection:
        assert await count_events(connection, stored.subject) == 3
        assert await count_identities(connection, stored.subject, 1) == 3
        assert await remove_leaving(connection, stored.subject) == 3
        assert await count_events(connection, stored.subject) == 0
        assert sum([n async for n in remove_identities(connection, stored.subject, 1)]) == 3
    left = f"SELECT device_id FROM {name}"  # noqa: S608 - of this test
    assert column(conninfo, left) == [str(stored.other)]
    assert column(conninfo, LEFT) == [str(stored.other)]


@FORMS
@pytest.mark.usefixtures("apart")
async def test_an_identity_with_its_event_is_not_taken_for_one_without(
    conninfo: str, stored: Stored
) -> None:
    async with connected(conninfo) as connection:
        assert [n async for n in remove_identities(connection, stored.subject)] == [0]
    assert read_halves(conninfo) == []
