"""Readiness names every reason for which no notification can be stored."""

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.database import connect
from receiver.store.connections.engine import question_engine
from receiver.store.health.readiness import unready_reasons
from receiver.store.schema.partitions import later, partition_name, read_coverage


def drop_partition(conninfo: str, months_ahead: int) -> None:
    with connect(conninfo) as connection:
        month = later(read_coverage(connection).month, months_ahead)
        connection.execute(f"DROP TABLE {partition_name(month)}")


async def test_a_migrated_database_is_ready(engine: AsyncEngine) -> None:
    assert await unready_reasons(engine) == []


async def test_a_missing_later_partition_is_no_reason(engine: AsyncEngine, conninfo: str) -> None:
    drop_partition(conninfo, 1)
    assert await unready_reasons(engine) == []


async def test_every_reason_is_named(engine: AsyncEngine, conninfo: str) -> None:
    drop_partition(conninfo, 0)
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    assert await unready_reasons(engine) == [
        "migrations are pending",
        "the partition of this month is missing",
    ]


@pytest.mark.parametrize("is_reachable", [True, False])
async def test_an_empty_database_is_told_from_one_that_is_away(
    empty_conninfo: str, is_reachable: bool
) -> None:
    away = "postgresql://receiver@127.0.0.1:1/receiver"
    engine = question_engine(
        empty_conninfo if is_reachable else away,
        pool_size=1,
        statement_timeout_seconds=5,
        prepare_threshold=None,
    )
    expected = "the database is not migrated" if is_reachable else "the database cannot be reached"
    assert [expected] == await unready_reasons(engine)
    await engine.dispose()
