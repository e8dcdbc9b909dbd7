"""The quarantine refuses at its limit, and a sweep makes room."""

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import QuarantineFull, Unavailable
from receiver.store.quarantine import bounds as quarantine_bounds
from receiver.store.quarantine.bounds import ROW_BYTES, QuarantineBounds
from receiver.store.quarantine.quarantine import Quarantine
from receiver.store.quarantine.rows import Refusal, rows_of
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
    bounds = QuarantineBounds(engine, limit_bytes=1_000_000, share=1.0, age_limit_days=30)
    assert await bounds.sweep() == 13
    assert count_quarantine(conninfo) == [("refused", 2)]
    assert await bounds.sweep() == 0


async def test_a_row_that_is_being_reprocessed_is_not_swept(
    engine: AsyncEngine, conninfo: str
) -> None:
    fill_quarantine(conninfo, 31, "refused")
    bounds = QuarantineBounds(engine, limit_bytes=1_000_000, share=1.0, age_limit_days=30)
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT FROM quarantine FOR UPDATE")
        assert await bounds.sweep() == 0
    assert await bounds.sweep() == 1


async def test_room_is_given_up_to_the_limit_and_freed_room_counts(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The table grows by pages, which are larger than this limit: the rows are measured each time.
    monkeypatch.setattr(quarantine_bounds, "REFRESH_SECONDS", 0)
    monkeypatch.setattr(quarantine_bounds, "REST_FACTOR", 0)
    bounds = QuarantineBounds(
        engine, limit_bytes=1000 + 2 * ROW_BYTES, share=1.0, age_limit_days=30
    )
    quarantine = Quarantine(engine, bounds, questions_engine=engine)

    async def keep(size: int) -> None:
        refusal = Refusal("not JSON", b"x" * size)
        await quarantine.keep([refusal], credential="operator", received_at=NOW, headers={})

    await keep(600)
    with pytest.raises(QuarantineFull, match="full"):
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
    with pytest.raises(QuarantineFull, match="full"):
        await QuarantineBounds(engine, limit_bytes=1000, share=1.0, age_limit_days=30).take_room(
            "operator", 200
        )


async def test_the_size_is_measured_now_and_then_and_what_is_taken_counts_at_once(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=30)
    monkeypatch.setattr(quarantine_bounds, "REST_FACTOR", 0)
    with pytest.raises(QuarantineFull, match="full"):
        await bounds.take_room("operator", 10**10)
    await bounds.take_room("operator", 10**9 - 10**6)
    await bounds.take_room("operator", 1)  # what others took beside so much is looked for
    await change(conninfo, "DROP TABLE quarantine")  # nobody looks for a while
    with pytest.raises(QuarantineFull, match="full"):
        await bounds.take_room("operator", 2 * 10**6)
    await bounds.take_room("operator", 10**5)
    monkeypatch.setattr(quarantine_bounds, "REFRESH_SECONDS", 0)
    await asyncio.sleep(0.01)
    with pytest.raises(Unavailable, match="42P01"):
        await bounds.take_room("operator", 1)


async def test_a_sweep_that_fails_keeps_what_it_has_deleted(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_quarantine(conninfo, 1, "stored", 4)
    fill_quarantine(conninfo, 31, "refused", 1)
    monkeypatch.setattr(quarantine_bounds, "SWEEP_OLD", "DELETE FROM nowhere -- %(days)s %(limit)s")
    with pytest.raises(Unavailable):
        await QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=30).sweep()
    assert count_quarantine(conninfo) == [("refused", 1)]


async def test_a_full_quarantine_calls_for_a_sweep_once_for_each_measurement(
    engine: AsyncEngine, conninfo: str
) -> None:
    bounds = QuarantineBounds(engine, limit_bytes=1000, share=1.0, age_limit_days=30)
    assert not bounds.crowded.is_set()
    for is_first in (True, False, False):
        with pytest.raises(QuarantineFull, match="full"):
            await bounds.take_room("operator", 2000)
        assert bounds.crowded.is_set() == is_first
        bounds.crowded.clear()
    fill_quarantine(conninfo, 31, "refused")
    await bounds.sweep()
    with pytest.raises(QuarantineFull, match="full"):
        await bounds.take_room("operator", 2000)
    assert bounds.crowded.is_set()


async def test_one_credential_fills_its_share_and_the_others_are_still_kept(
    engine: AsyncEngine, conninfo: str
) -> None:
    bounds = QuarantineBounds(engine, limit_bytes=10**6, share=0.25, age_limit_days=30)
    quarantine = Quarantine(engine, bounds, questions_engine=engine)
    body = os.urandom(50_000)

    async def keep(credential: str) -> None:
        refusal = Refusal("not JSON", body)
        await quarantine.keep([refusal], credential=credential, received_at=NOW, headers={})

    for _ in range(4):
        await keep("flood")
    with pytest.raises(QuarantineFull, match="its share"):
        await keep("flood")
    assert bounds.crowded.is_set()
    for credential in ("a", "b", "c"):
        for _ in range(4):
            await keep(credential)
    with pytest.raises(QuarantineFull, match="its share"):
        await keep("c")
    assert count_quarantine(conninfo) == [("refused", 16)]


async def test_a_share_counts_what_other_processes_stored_before(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine_bounds, "REFRESH_SECONDS", 0)
    monkeypatch.setattr(quarantine_bounds, "REST_FACTOR", 0)
    body = os.urandom(10_000)
    processes = []
    for _ in range(2):
        bounds = QuarantineBounds(engine, limit_bytes=10**6, share=0.25, age_limit_days=30)
        processes.append(Quarantine(engine, bounds, questions_engine=engine))
    kept = 0
    with suppress(QuarantineFull):
        for number in range(100):
            await processes[number % 2].keep(
                [Refusal("not JSON", body)], credential="flood", received_at=NOW, headers={}
            )
            kept += 1
    assert kept * len(body) <= 250_000 < (kept + 2) * len(body)


@pytest.mark.parametrize(("share", "bound"), [(1.0, 2_000_000), (0.25, 500_000)])
async def test_what_several_processes_keep_at_once_is_within_a_tenth_of_the_bound(
    engine: AsyncEngine, conninfo: str, share: float, bound: int
) -> None:
    quarantines = []
    for _ in range(3):
        bounds = QuarantineBounds(engine, limit_bytes=2_000_000, share=share, age_limit_days=30)
        quarantines.append(Quarantine(engine, bounds, questions_engine=engine))

    async def flood(quarantine: Quarantine) -> None:
        with suppress(QuarantineFull):
            for _ in range(1000):
                refusal = Refusal("not JSON", os.urandom(2_000))
                await quarantine.keep([refusal], credential="flood", received_at=NOW, headers={})

    await asyncio.gather(*map(flood, quarantines))
    with psycopg.connect(conninfo) as connection:
        kept = connection.execute("SELECT sum(length(body) + 150) FROM quarantine").fetchone()
    assert kept is not None
    assert 0.7 * bound < kept[0] < 1.1 * bound


async def test_the_rows_are_not_measured_while_the_table_is_smaller_than_a_share(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine_bounds, "SIZE_BY_CREDENTIAL", "no question")
    bounds = QuarantineBounds(engine, limit_bytes=10**9, share=0.25, age_limit_days=30)
    for _ in range(3):
        await bounds.take_room("operator", 10**7)


async def test_rows_take_what_is_counted_for_them(engine: AsyncEngine, conninfo: str) -> None:
    bounds = QuarantineBounds(engine, limit_bytes=10**9, share=1.0, age_limit_days=30)
    quarantine = Quarantine(engine, bounds, questions_engine=engine)
    refusals = [Refusal("must be an object", b"1", is_member=True)] * 1000
    for _ in range(10):
        await quarantine.keep(refusals, credential="flood", received_at=NOW, headers={})
    with psycopg.connect(conninfo) as connection:
        on_disk = connection.execute(quarantine_bounds.SIZE_ON_DISK).fetchone()
    assert on_disk is not None
    rows = rows_of(refusals, credential="flood", received_at=NOW, headers={})
    counted = 10 * sum(row.size_bytes for row in rows)
    assert 0.8 < on_disk[0] / counted < 1.1
