"""Pages of the fleet: where they end, and what a device that stands for another one is."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.api.questions.status_resources import write_status
from receiver.events.axes import Axis
from receiver.events.event import Device
from receiver.store.connections.engine import question_engine, reading
from receiver.store.derived import behind
from receiver.store.events.ingest import Ingest
from receiver.store.fleet import fleet
from receiver.store.fleet.fleet import Fleet, FleetPosition
from receiver.store.fleet.selection import FleetSelection
from receiver.store.projector.projecting import Projection
from tests.support.facts import STATUSES, Told
from tests.support.instructions import Instructions
from tests.support.traced import sent, start_trace

# Of a device with a value on each axis and one subscription; 2,630 on 2026-11-27.
INSTRUCTIONS_OF_A_ROW = 2_770


def said(phone: int | None, name: str, subscription: str = "s-1", number: int = 0) -> Told:
    device = Device(None if phone is None else f"+9999999100{phone}")
    return Told(device, subscription, name, STATUSES[name][0], number, 0, number)


@pytest.mark.parametrize("device_id", [UUID(int=0), UUID(int=2**128 - 1), UUID(int=2**127 + 5)])
def test_a_position_is_a_device_in_two_halves(device_id: UUID) -> None:
    assert FleetPosition.of(device_id).device_id == device_id


async def test_a_page_that_meets_nobody_ends_early_and_leads_on(
    ingest: Ingest, projection: Projection, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "STEP_CANDIDATES", 2)
    monkeypatch.setattr(fleet, "PAGE_STEPS", 2)
    await projection.derive_all()
    await ingest.commit([said(n, "connectivity-data", f"s-{n}").arrival for n in range(6)])
    nobody = FleetSelection(unknown=(Axis.CONNECTIVITY,))
    rows, end = await Fleet(engine).page(nobody, after=None, limit=1)
    assert rows == []
    assert end is not None
    pages = 1
    while end is not None:
        rows, end = await Fleet(engine).page(nobody, after=end, limit=1)
        assert rows == []
        pages += 1
    assert pages == 2


@pytest.mark.parametrize("is_derived", [True, False])
async def test_a_device_that_stands_for_another_is_in_the_row_of_that_one(
    ingest: Ingest, projection: Projection, engine: AsyncEngine, is_derived: bool
) -> None:
    await projection.derive_all()
    nameless = [said(None, "roaming-on", "s-1"), said(None, "connectivity-data", "s-3")]
    named = [said(0, "connectivity-data", "s-1"), said(1, "connectivity-data", "s-2")]
    await ingest.commit([event.arrival for event in (*named, *nameless)])
    if is_derived:
        await projection.derive_all()
    rows, end = await Fleet(engine).page(FleetSelection(), after=None, limit=50)
    # The one of the subscription that names nobody stands for itself.
    assert end is None
    assert {row.status.device_id for row in rows} == {
        *(event.device_id for event in named),
        nameless[1].device_id,
    }
    [row], end = await Fleet(engine).page(FleetSelection(roaming=("true",)), after=None, limit=50)
    assert (row.status.device_id, row.place) == (named[0].device_id, nameless[0].device_id)
    assert end is None


async def test_a_page_takes_two_round_trips_beside_events_that_are_not_derived(
    ingest: Ingest,
    projection: Projection,
    conninfo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(behind, "MEMORY_SECONDS", 3600.0)
    derived = [said(n, "connectivity-data", f"s-{n}") for n in range(5)]
    await ingest.commit([event.arrival for event in derived])
    await projection.derive_all()
    engine = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    pages, trace = Fleet(engine), tmp_path / "trace"

    async def ask(*, most: int) -> set[UUID]:
        """Returns the devices of a page, which takes so many round trips at most."""
        before = sent(trace).count("Sync")
        rows, end = await pages.page(FleetSelection(), after=None, limit=4)
        assert end is not None
        assert sent(trace).count("Sync") - before <= most
        return {row.place for row in rows}

    def first(*events: Told) -> set[UUID]:
        return set(sorted({event.device_id for event in (*derived, *events)})[:4])

    # A known device, and two others, each with a subscription of its own.
    known = said(0, "roaming-on", "s-8")
    new, newer = said(9, "connectivity-data", "s-9"), said(8, "connectivity-data", "s-7")
    with trace.open("w") as written:
        async with reading(engine) as connection:
            start_trace(connection, written.fileno())
        # How far the derived tables are is not known yet.
        assert await ask(most=3) == first()
        assert await ask(most=2) == first()
        await ingest.commit([known.arrival, new.arrival])
        # Something is behind for the first time.
        assert await ask(most=3) == first(new)
        await ingest.commit([newer.arrival])
        assert await ask(most=2) == first(new, newer)
        await projection.derive_all()
        assert await ask(most=2) == first(new, newer)
        async with reading(engine) as connection:
            connection.pgconn.untrace()
    await engine.dispose()


async def test_a_row_of_a_page_takes_a_bounded_number_of_instructions(
    ingest: Ingest, projection: Projection, engine: AsyncEngine
) -> None:
    names = ("connectivity-data", "roaming-status", "network-type-changed")
    told = [said(100 + n, name, f"s-{n}") for n in range(100) for name in names]
    await ingest.commit([event.arrival for event in told])
    await projection.derive_all()

    async def count(limit: int) -> int:
        """Returns the instructions of a page, and of its items as JSON."""
        with Instructions() as instructions:
            rows, _ = await Fleet(engine).page(FleetSelection(), after=None, limit=limit)
            for row in rows:
                write_status(row.status)
        assert len(rows) == limit
        return instructions.number

    # The first ones fill caches.
    few, many = [[await count(limit) for _ in range(3)][-1] for limit in (10, 90)]
    assert (many - few) / 80 < INSTRUCTIONS_OF_A_ROW
