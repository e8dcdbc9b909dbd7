"""What goes on deciding answers is copied step by step, and again without harm."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.store.connections.database import connect_async
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import LOWEST, Projection
from receiver.store.retention.retaining import BEGIN, KEEP
from receiver.store.retention.seeding import FIND_ROWS, seed
from tests.support.ageing import DEVICE, EVENTS
from tests.support.dropping import MONTH
from tests.support.facts import DEVICES, NOON
from tests.support.store.database import column

SEEDS = "SELECT count(*) FROM event_seed"
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("limit", [1, 2, 4000])
async def test_seeds_are_the_same_in_any_steps(conninfo: str, old: str, limit: int) -> None:
    connection = await connect_async(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    async with connection:
        for _ in range(2):
            async for _ in seed(connection, FAR, limit=limit):
                pass
    assert column(conninfo, SEEDS) == [str(len(EVENTS))]


async def test_a_seed_that_is_needed_no_more_goes_with_the_next_months(
    conninfo: str, ingest: Ingest, old: str, projection: Projection
) -> None:
    told = [EVENTS[0]._replace(minute=minute) for minute in range(60, 64)]
    await ingest.commit([event.arrival for event in told])
    await projection.derive_all()
    connection = await connect_async(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    async with connection:
        await connection.execute(MONTH)
        await connection.execute(BEGIN)
        found = []
        for minute in (61.5, 62.5, 63.5, 64.5):
            await connection.execute("UPDATE event SET stored_at = received_at")
            moment = NOON + timedelta(minutes=minute)
            async for _ in seed(connection, moment):
                pass
            await connection.execute(KEEP, {"kept_from": moment})
            found.append(int(column(conninfo, SEEDS)[0]))
    # Needed are those of before, what the value began with, and the latest; what was goes one drop
    # later.
    assert found == [len(EVENTS) + 2, len(EVENTS) + 3, len(EVENTS) + 3, len(EVENTS) + 2]


async def test_a_step_looks_at_no_device_that_has_no_events_in_it(
    conninfo: str, ingest: Ingest, old: str, projection: Projection
) -> None:
    told = [EVENTS[0]._replace(device=device, subscription_id=None) for device in DEVICES[1:]]
    await ingest.commit([event.arrival for event in told])
    await projection.derive_all()
    connection = await connect_async(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    async with connection:
        [(month,)] = await (
            await connection.execute("SELECT date_trunc('month', now(), 'UTC')")
        ).fetchall()
        bounds = {"kept_from": month, "low": LOWEST, "high": None}
        found = await (await connection.execute(FIND_ROWS, bounds)).fetchall()
    assert found == [(DEVICE,)]
