"""The quarantine refuses at its limit, and a sweep makes room."""

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.quarantine import bounds as quarantine_bounds
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.quarantine.quarantine import Quarantine, Refusal
from tests.support.store.quarantine import count_quarantine, fill_quarantine
from tests.support.tables import change

NOW = datetime.now(UTC)


async def test_a_sweep_deletes_what_was_stored_or_is_too_old(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine_bounds, "SWEEP_LIMIT", 3)
    fill_quarantine(conninfo, 1, "stored", 7)
    fill_quarantine(conninfo, 31, "refused", 6)
    fill_quarantine(conninfo, 29, "refused", 2)
    bounds = QuarantineBounds(engine, limit_bytes=1_000_000, age_limit_days=30)
    assert await bounds.sweep() == 13
    assert count_quarantine(conninfo) == [("refused", 2)]
    assert await bounds.sweep() == 0


async def test_a_row_that_is_being_reprocessed_is_not_swept(
    engine: AsyncEngine, conninfo: str
) -> None:
    fill_quarantine(conninfo, 31, "refused")
    bounds = QuarantineBounds(engine, limit_bytes=1_000_000, age_limit_days=30)
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT FROM quarantine FOR UPDATE")
        assert await bounds.sweep() == 0
    assert await bounds.sweep() == 1


async def test_room_is_given_up_to_the_limit_and_freed_room_counts(
    engine: AsyncEngine, conninfo: str
) -> None:
    bounds = QuarantineBounds(engine, limit_bytes=1000, age_limit_days=30)
    quarantine = Quarantine(engine, bounds, questions_engine=engine)

    async def keep(size: int) -> None:
        refusal = Refusal("not JSON", b"x" * size)
        await quarantine.keep([refusal], credential="operator", received_at=NOW, headers={})

    await keep(600)
    with pytest.raises(Unavailable, match="full"):
        await keep(600)
    await keep(300)
    assert count_quarantine(conninfo) == [("refused", 2)]
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE quarantine SET state = 'stored'")
    await bounds.sweep()
    await keep(600)


async def test_the_rows_of_other_processes_take_room_too(
    engine: AsyncEngine, conninfo: str
) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "INSERT INTO quarantine (received_at, credential, reason, headers, body)"
            " VALUES (now(), 'operator', 'r', '{}', %s)",
            [b"x" * 900],
        )
    with pytest.raises(Unavailable, match="full"):
        await QuarantineBounds(engine, limit_bytes=1000, age_limit_days=30).take_room(200)


async def test_the_size_is_measured_now_and_then_and_what_is_taken_counts_at_once(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = QuarantineBounds(engine, limit_bytes=10**9, age_limit_days=30)
    await bounds.take_room(10**9 - 10**6)
    await change(conninfo, "DROP TABLE quarantine")  # nobody looks for a while
    with pytest.raises(Unavailable, match="full"):
        await bounds.take_room(10**6)
    await bounds.take_room(10**5)
    monkeypatch.setattr(quarantine_bounds, "REFRESH_SECONDS", 0)
    await asyncio.sleep(0.01)
    with pytest.raises(Unavailable, match="42P01"):
        await bounds.take_room(1)


async def test_a_sweep_that_fails_keeps_what_it_has_deleted(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_quarantine(conninfo, 1, "stored", 4)
    fill_quarantine(conninfo, 31, "refused", 1)
    monkeypatch.setattr(quarantine_bounds, "SWEEP_OLD", "DELETE FROM nowhere -- %(days)s %(limit)s")
    with pytest.raises(Unavailable):
        await QuarantineBounds(engine, limit_bytes=10**9, age_limit_days=30).sweep()
    assert count_quarantine(conninfo) == [("refused", 1)]


async def test_a_full_quarantine_calls_for_a_sweep_once_for_each_measurement(
    engine: AsyncEngine, conninfo: str
) -> None:
    bounds = QuarantineBounds(engine, limit_bytes=1000, age_limit_days=30)
    assert not bounds.crowded.is_set()
    for is_first in (True, False, False):
        with pytest.raises(Unavailable, match="full"):
            await bounds.take_room(2000)
        assert bounds.crowded.is_set() == is_first
        bounds.crowded.clear()
    fill_quarantine(conninfo, 31, "refused")
    await bounds.sweep()
    with pytest.raises(Unavailable, match="full"):
        await bounds.take_room(2000)
    assert bounds.crowded.is_set()
