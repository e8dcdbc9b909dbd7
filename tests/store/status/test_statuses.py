"""The status of a device folds whatever is not derived yet on what is."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import Axis
from receiver.events.event import Device
from receiver.projection.subscriptions.registration import Registration
from receiver.store.connections.engine import question_engine, reading
from receiver.store.derived import behind
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from receiver.store.status.statuses import Statuses
from receiver.store.subscriptions.registrations import Registrations
from tests.support.facts import DEVICES, NOON, STATUSES, Told
from tests.support.pooler import transaction_pooler
from tests.support.traced import sent, start_trace

# Of evidence and events, registers, subscriptions, and registrations.
PLANS = """
SELECT left(statement, 80), generic_plans, custom_plans FROM pg_prepared_statements
WHERE strpos(statement, '::uuid[])') > 0 AND NOT from_sql
"""


def told(device: Device, name: str = "connectivity-data", minute: int = 0) -> Told:
    return Told(device, "s-1", name, STATUSES[name][0], minute, 0, 0)


async def test_nothing_is_said_of_a_device_without_events(
    engine: AsyncEngine, projection: Projection
) -> None:
    await projection.derive_all()
    assert await Statuses(engine).status(UUID(int=1)) is None


@pytest.mark.parametrize("derived", [0, 1, 2])
async def test_what_stands_for_a_device_is_in_its_status_derived_or_not(
    ingest: Ingest, projection: Projection, engine: AsyncEngine, derived: int
) -> None:
    await projection.derive_all()
    phone, nameless = told(DEVICES[0]), told(Device(), "roaming-on", 1)
    for number, event in enumerate((phone, nameless)):
        await ingest.commit([event.arrival])
        if number < derived:
            await projection.derive_all()
    found = await Statuses(engine).status(phone.device_id)
    assert found is not None
    assert found.last_event_at == nameless.occurred_at
    roaming = found.axes[Axis.ROAMING].answer
    assert roaming.latest is not None
    assert roaming.latest.value == "true"


@pytest.mark.parametrize("is_registered", [False, True])
@pytest.mark.parametrize("is_derived", [False, True])
async def test_a_registration_counts_for_a_subscription_whose_events_are_not_derived(
    ingest: Ingest,
    projection: Projection,
    engine: AsyncEngine,
    is_derived: bool,
    is_registered: bool,
) -> None:
    ended = [told(DEVICES[0]), told(DEVICES[0], "subscription-ends", 2)]
    await ingest.commit([event.arrival for event in ended])
    await projection.derive_all()
    if is_registered:
        registration = Registration(NOON, starts_at=NOON, types=("x.connectivity-data",))
        await Registrations(engine).register(("jwt:client", "s-2"), registration)
    event = told(DEVICES[0], "roaming-on", 1)._replace(subscription_id="s-2")
    await ingest.commit([event.arrival._replace(credential="jwt:client")])
    if is_derived:
        await projection.derive_all()
    found = await Statuses(engine).status(event.device_id)
    assert found is not None
    is_known = found.axes[Axis.CONNECTIVITY].answer.closing is None
    assert is_known == is_registered


async def test_behind_a_transaction_pooler_the_answers_are_the_same(
    ingest: Ingest, projection: Projection, engine: AsyncEngine, conninfo: str
) -> None:
    events = [told(device, minute=minute) for minute, device in enumerate(DEVICES)]
    await ingest.commit([event.arrival for event in events[:-1]])
    await projection.derive_all()
    await ingest.commit([events[-1].arrival])
    devices = sorted({event.device_id for event in events})
    with transaction_pooler(conninfo) as pooled:
        behind_it = question_engine(
            pooled, pool_size=4, statement_timeout_seconds=10, prepare_threshold=None
        )
        try:
            # Several at once, and more than there are connections, so that servers change hands.
            found = await asyncio.gather(*map(Statuses(behind_it).status, devices * 10))
        finally:
            await behind_it.dispose()
    expected = [await Statuses(engine).status(device_id) for device_id in devices]
    assert all(expected)
    assert [each and each.axes for each in found] == [each and each.axes for each in expected] * 10


async def test_a_question_after_another_takes_one_round_trip_and_misses_nothing(
    ingest: Ingest,
    projection: Projection,
    conninfo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(behind, "MEMORY_SECONDS", 3600.0)
    await projection.derive_all()
    event = told(DEVICES[0])
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    statuses, trace = Statuses(engine), tmp_path / "trace"

    async def ask(*, most: int) -> str | None:
        """Returns the connectivity in the answer, which takes so many round trips at most."""
        before = sent(trace).count("Sync")
        found = await statuses.status(event.device_id)
        said = None if found is None else found.axes[Axis.CONNECTIVITY].answer.latest
        assert sent(trace).count("Sync") - before <= most
        return None if said is None else said.value

    with trace.open("w") as written:
        async with reading(engine) as connection:
            start_trace(connection, written.fileno())
        # How far the derived tables are is not known yet.
        assert await ask(most=2) is None
        assert await ask(most=1) is None
        await ingest.commit([event.arrival])
        # Something is behind for the first time.
        assert await ask(most=2) == "CONNECTED_DATA"
        await ingest.commit([told(DEVICES[0], "connectivity-disconnected", 1).arrival])
        assert await ask(most=1) == "NOT_CONNECTED"
        await projection.derive_all()
        assert await ask(most=1) == "NOT_CONNECTED"
        await ingest.commit([told(DEVICES[0], minute=2).arrival])
        assert await ask(most=2) == "CONNECTED_DATA"
        await ingest.commit([told(DEVICES[0], "reachability-sms", 3).arrival])
        assert await ask(most=1) == "CONNECTED_SMS"
        async with reading(engine) as connection:
            connection.pgconn.untrace()
    await engine.dispose()


async def test_postgres_plans_a_status_once_for_all_questions(
    ingest: Ingest, projection: Projection, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "MEMORY_SECONDS", 3600.0)
    await projection.derive_all()
    events = [told(DEVICES[0], minute=minute) for minute in range(20)]
    await ingest.commit([event.arrival for event in events])
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=0
    )
    statuses = Statuses(engine)
    for _ in range(12):
        assert await statuses.status(events[0].device_id) is not None
    async with reading(engine) as connection:
        cursor = await connection.execute(PLANS, prepare=False)
        plans = await cursor.fetchall()
        [(mode,)] = await (await connection.execute("SHOW plan_cache_mode")).fetchall()
    await engine.dispose()
    assert len(plans) == 4
    # Nor does it try plans of their own for the first questions, of which it would keep to that of
    # the events where there are months before.
    assert [each for each in plans if each[1] == 0 or each[2] > 0] == []
    assert mode == "auto"
