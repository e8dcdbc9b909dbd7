"""How large and how old the quarantine becomes, and how its pages are read."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import migration_engine, question_engine
from receiver.store.quarantine import bounds as quarantine_bounds
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.quarantine.quarantine import Quarantine, Refusal
from receiver.store.quarantine.quarantined import (
    QuarantinePosition,
    QuarantineSelection,
    page_statement,
)
from tests.support.paths import ROOT

NOW = datetime.now(UTC)
KEEP = """
INSERT INTO quarantine (received_at, credential, reason, headers, body, state)
SELECT now() - make_interval(days => %s), 'operator', 'r', '{}', 'b', %s
FROM generate_series(1, %s)
"""
HELD = "SELECT state, count(*) FROM quarantine GROUP BY state ORDER BY state"


@pytest.fixture
async def engine(conninfo: str) -> AsyncIterator[AsyncEngine]:
    engine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=5, prepare_threshold=None
    )
    yield engine
    await engine.dispose()


def kept(conninfo: str, days: int, state: str, rows: int = 1) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(KEEP, (days, state, rows))


def held(conninfo: str) -> list[tuple[str, int]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(HELD).fetchall()


async def test_a_sweep_deletes_what_was_stored_or_is_too_old(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine_bounds, "SWEEP_LIMIT", 3)
    kept(conninfo, 1, "stored", 7)
    kept(conninfo, 31, "refused", 6)
    kept(conninfo, 29, "refused", 2)
    bounds = QuarantineBounds(engine, limit_bytes=1_000_000, age_limit_days=30)
    assert await bounds.sweep() == 13
    assert held(conninfo) == [("refused", 2)]
    assert await bounds.sweep() == 0


async def test_a_row_that_is_being_reprocessed_is_not_swept(
    engine: AsyncEngine, conninfo: str
) -> None:
    kept(conninfo, 31, "refused")
    bounds = QuarantineBounds(engine, limit_bytes=1_000_000, age_limit_days=30)
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT FROM quarantine FOR UPDATE")
        assert await bounds.sweep() == 0
    assert await bounds.sweep() == 1


async def test_room_is_given_up_to_the_limit_and_freed_room_counts(
    engine: AsyncEngine, conninfo: str
) -> None:
    bounds = QuarantineBounds(engine, limit_bytes=1000, age_limit_days=30)
    quarantine = Quarantine(engine, bounds)

    async def keep(size: int) -> None:
        refusal = Refusal("not JSON", b"x" * size)
        await quarantine.keep([refusal], credential="operator", received_at=NOW, headers={})

    await keep(600)
    with pytest.raises(Unavailable, match="full"):
        await keep(600)
    await keep(300)
    assert held(conninfo) == [("refused", 2)]
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE quarantine SET state = 'stored'")
    await bounds.sweep()
    await keep(600)


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
    kept(conninfo, 31, "refused")
    await bounds.sweep()
    with pytest.raises(Unavailable, match="full"):
        await bounds.take_room(2000)
    assert bounds.crowded.is_set()


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


def test_a_page_is_read_from_the_index_by_arrival(conninfo: str) -> None:
    kept(conninfo, 1, "refused", 5000)
    statement = page_statement(
        QuarantineSelection(), order="desc", limit=51, after=QuarantinePosition(NOW, 1)
    )
    compiled = statement.compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]
    with psycopg.connect(conninfo) as connection:
        connection.execute("ANALYZE quarantine")
        explained = connection.execute(f"EXPLAIN {compiled}", compiled.params).fetchall()
    plan = "\n".join(row[0] for row in explained)
    assert "Index Scan Backward using quarantine_age" in plan
    assert "Sort" not in plan


def test_what_an_older_release_kept_of_a_batch_is_known_to_be_a_member(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        configuration = Config(ROOT / "alembic.ini")
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0002")
        with psycopg.connect(conninfo) as older:
            for media_type, reason in (
                ("Application/CloudEvents-Batch+JSON; charset=utf-8", "data.roaming: missing"),
                ("application/cloudevents-batch+json", "must be a JSON array"),
                ("application/json", "must be a JSON object"),
                (None, "Content-Type must be JSON"),
            ):
                older.execute(
                    "INSERT INTO quarantine (received_at, credential, reason, media_type, headers,"
                    " body) VALUES (now(), 'operator', %s, %s, '{}', '')",
                    (reason, media_type),
                )
        command.upgrade(configuration, "head")
    with psycopg.connect(conninfo) as connection_now:
        found = connection_now.execute("SELECT is_member FROM quarantine ORDER BY id").fetchall()
    assert [is_member for (is_member,) in found] == [True, False, False, False]
