"""What goes on deciding answers is copied step by step, and again without harm."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from receiver.store.connections.database import connect_async
from receiver.store.derived.rows import PLAN_ONCE
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import LOWEST, Projection
from receiver.store.retention.retaining import ASKED_FOR, BEGIN, KEEP
from receiver.store.retention.seeding import BEGUN as BEGINNINGS
from receiver.store.retention.seeding import FIND_ROWS, seed
from tests.support.ageing import DEVICE, EVENTS
from tests.support.apart import FORMS
from tests.support.apart import apart as apart
from tests.support.dropping import MONTH
from tests.support.explaining import blocks
from tests.support.facts import NOON
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


async def test_steps_rest_in_between_and_plan_once_what_takes_long_to_plan(
    conninfo: str, old: str
) -> None:
    connection = await connect_async(
        conninfo, statement_timeout_seconds=10, prepare_threshold=ASKED_FOR
    )
    async with connection:
        yielded = [device_id async for device_id in seed(connection, FAR, limit=1)]
        cursor = await connection.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
        )
        plans = await cursor.fetchall()
        [(mode,)] = await (await connection.execute("SHOW plan_cache_mode")).fetchall()
    steps = len(yielded) // 2 + 1
    assert len(yielded) == 2 * steps - 1
    assert plans == [(steps, 0)]
    assert mode == "auto"


@FORMS
@pytest.mark.usefixtures("apart")
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


# Many devices whose subscription is that of one with events, each with what is derived of it.
GROW = """
INSERT INTO device_status
SELECT (jsonb_populate_record(
    status, jsonb_build_object('device_id', md5(number::text)::uuid)
)).*
FROM device_status AS status CROSS JOIN generate_series(1, 5000) AS number;
INSERT INTO subscription
SELECT (jsonb_populate_record(told, jsonb_build_object(
    'device_id', md5(number::text)::uuid, 'subscription_id', number::text
))).*
FROM subscription AS told CROSS JOIN generate_series(1, 5000) AS number;
INSERT INTO device_identifier
SELECT (jsonb_populate_record(known, jsonb_build_object(
    'device_id', md5(number::text)::uuid, 'value', '+99999' || number
))).*
FROM device_identifier AS known CROSS JOIN generate_series(1, 5000) AS number;
ANALYZE
"""


# As it is run: with one plan whatever its parameters are.
PREPARE = "PREPARE begun (uuid[], timestamptz) AS " + BEGINNINGS.replace("%(rows)s", "$1").replace(
    "%(kept_from)s", "$2"
)
EXECUTE = f"EXECUTE begun ('{{{DEVICE}}}', '{FAR}')"


async def test_a_step_touches_no_more_of_a_database_however_many_devices_have_no_events_in_it(
    conninfo: str, old: str
) -> None:
    bounds = {"kept_from": FAR, "low": LOWEST, "high": None, "rows": [DEVICE]}
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(PREPARE.encode())

        def touched() -> list[int]:
            found = [blocks(connection, FIND_ROWS, **bounds)]
            with connection.transaction():
                connection.execute(PLAN_ONCE)
                found.append(blocks(connection, EXECUTE))
            return found

        touched()
        before = touched()
        assert connection.execute(FIND_ROWS, bounds).fetchall() == [(DEVICE,)]
        connection.execute(GROW)
        assert connection.execute(FIND_ROWS, bounds).fetchall() == [(DEVICE,)]
        touched()
        # A table of many rows is read by its index, of which each look-up touches some pages.
        after = touched()
        assert all(now < 3 * then + 20 for now, then in zip(after, before, strict=True))
