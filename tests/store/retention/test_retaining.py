"""Months are dropped once they are due and derived, and no answer but history changes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from receiver.errors import DatabaseAway, Unavailable
from receiver.store.events.history import History
from receiver.store.events.ingest import Ingest
from receiver.store.events.selection import Selection
from receiver.store.projector.projecting import LOWEST, START_REBUILD, Projection
from receiver.store.retention import retaining
from receiver.store.retention.retaining import Run, drop_old_months, retain
from receiver.store.status.statuses import Statuses
from tests.support.ageing import DEVICE, EVENTS, NAMES, ask, count, execute
from tests.support.replaying import answered
from tests.support.store.database import column

SEEDS = "SELECT name FROM event_seed ORDER BY occurred_at"
NOTHING = Run([], has_more=False)
KEPT_FROM = "SELECT kept_from FROM retention"


async def test_a_month_that_is_due_goes_and_the_status_stays(
    conninfo: str, engine: AsyncEngine, old: str, statuses: Statuses
) -> None:
    before = await ask(statuses)
    assert await History(engine).exists(Selection(device_id=DEVICE))
    assert await retain(conninfo, 2) == Run([old], has_more=False)
    assert await ask(statuses) == before
    assert await History(engine).exists(Selection(device_id=DEVICE))
    assert column(conninfo, "SELECT count(*) FROM event") == ["0"]
    assert column(conninfo, SEEDS) == list(NAMES)
    assert await retain(conninfo, 2) == NOTHING


async def test_no_step_waits_for_the_disk_beside_the_intake(
    conninfo: str, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str]] = []

    async def free(connection: AsyncConnection, *_: object) -> AsyncIterator[str]:
        cursor = await connection.execute("SHOW synchronous_commit")
        shown.extend(await cursor.fetchall())
        yield old

    monkeypatch.setattr(retaining, "free", free)
    await retain(conninfo, 2)
    assert shown == [("off",)]


async def test_a_month_that_is_not_due_stays(conninfo: str, old: str) -> None:
    assert await retain(conninfo, 3) == NOTHING
    assert await retain(conninfo, None) == NOTHING
    assert column(conninfo, KEPT_FROM) == []
    assert count(conninfo, old) == len(EVENTS)


async def test_a_rebuild_after_the_drop_changes_nothing(
    conninfo: str, old: str, projection: Projection, statuses: Statuses
) -> None:
    before = await ask(statuses)
    assert await retain(conninfo, 1, limit=1) == Run([old], has_more=False)
    execute(conninfo, START_REBUILD)
    await projection.derive_all()
    assert await ask(statuses) == before


@pytest.mark.parametrize("days", [-200, 200])
async def test_nothing_is_dropped_while_a_clock_is_days_wrong(
    conninfo: str, old: str, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    ours = datetime.now(UTC) + timedelta(days=days)
    monkeypatch.setattr(retaining, "read_clock", lambda: ours)
    with pytest.raises(Unavailable, match=r"the clock of the database is \d+ days"):
        await retain(conninfo, 2)
    assert count(conninfo, old) == len(EVENTS)
    monkeypatch.undo()
    assert await retain(conninfo, 2) == Run([old], has_more=False)


async def test_nothing_is_dropped_that_is_not_derived(
    conninfo: str, old: str, projection: Projection
) -> None:
    execute(conninfo, START_REBUILD)
    with pytest.raises(Unavailable, match="until all answers are derived"):
        await retain(conninfo, 1)
    assert column(conninfo, SEEDS) == []
    await projection.derive_all()
    assert await retain(conninfo, 1) == Run([old], has_more=False)


async def test_an_event_that_comes_again_after_its_month_is_gone_changes_no_status(
    conninfo: str, old: str, ingest: Ingest, statuses: Statuses
) -> None:
    before = answered(await ask(statuses))
    await retain(conninfo, 1)
    assert column(conninfo, "SELECT count(*) FROM event_identity") == ["0"]
    await ingest.commit([event.arrival for event in EVENTS])
    assert column(conninfo, "SELECT count(*) FROM event") == ["3"]
    assert answered(await ask(statuses)) == before


async def test_a_daily_run_names_what_is_gone_once(conninfo: str, old: str) -> None:
    with capture_logs() as logs:
        await drop_old_months(conninfo, 1)
        await drop_old_months(conninfo, 1)
    assert logs == [{"event": "months dropped", "log_level": "info", "names": [old]}]
    assert column(conninfo, f"SELECT to_regclass('{old}')") == ["None"]


async def test_a_database_that_is_not_migrated_is_said_so(empty_conninfo: str) -> None:
    with pytest.raises(DatabaseAway, match="SQLSTATE 42P01"):
        await retain(empty_conninfo, 1)


async def test_a_run_that_is_out_of_time_goes_on_in_the_next_one(
    conninfo: str, old: str, statuses: Statuses
) -> None:
    before = await ask(statuses)
    runs = [await retain(conninfo, 1, run_seconds=0, limit=1)]
    while runs[-1].has_more and len(runs) < 20:
        assert await ask(statuses) == before
        # A run without time removes no identity.
        is_copied = column(conninfo, "SELECT leaving_until FROM retention") == ["None"]
        runs.append(await retain(conninfo, 1, run_seconds=60 if is_copied else 0, limit=1))
    assert runs[-1] == Run([old], has_more=False)
    assert len(runs) > 2
    assert await ask(statuses) == before


async def test_a_step_takes_one_core_at_most(
    conninfo: str, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []

    async def look(connection: AsyncConnection, *_: object) -> AsyncIterator[UUID]:
        for name in ("max_parallel_workers_per_gather", "jit"):
            found.extend(await (await connection.execute(f"SHOW {name}".encode())).fetchall())
        return
        yield LOWEST

    monkeypatch.setattr(retaining, "seed", look)
    await retain(conninfo, 1)
    assert found == [("0",), ("off",)]
