"""Readiness names every reason for which no notification can be stored."""

import os

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.database import connect
from receiver.store.connections.engine import asking, question_engine
from receiver.store.health.readiness import INSERTS_NOTHING, unready_reasons
from receiver.store.schema.partitions import later, partition_name, read_coverage
from receiver.store.schema.revisions import OLDEST_SERVED
from tests.support.store.logins import modest_login
from tests.support.store.read_only import read_only


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


async def test_a_database_that_lacks_the_last_migrations_only_is_ready(
    engine: AsyncEngine, conninfo: str
) -> None:
    for revision, expected in ((OLDEST_SERVED, []), ("0015", ["migrations are pending"])):
        with psycopg.connect(conninfo) as connection:
            connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
        assert await unready_reasons(engine) == expected


async def test_a_database_of_a_newer_release_is_ready(engine: AsyncEngine, conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert await unready_reasons(engine) == []


async def test_a_database_that_was_migrated_down_is_not_ready(
    engine: AsyncEngine, conninfo: str
) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("DELETE FROM alembic_version")
    assert await unready_reasons(engine) == ["migrations are pending"]


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


async def test_a_read_only_time_is_a_reason_and_ends_by_itself(
    engine: AsyncEngine, conninfo: str
) -> None:
    # Both connections of the pool begin in the read-only time.
    with read_only(conninfo):
        async with asking(engine), asking(engine):
            pass
        [reason] = await unready_reasons(engine)
        assert "read-only" in reason
    for _ in range(3):
        assert await unready_reasons(engine) == []
    async with asking(engine) as one, asking(engine) as other:
        for connection in (one, other):
            shown = await connection.exec_driver_sql("SHOW transaction_read_only")
            assert shown.scalar_one() == "off"


@pytest.mark.parametrize("table", ["event", "event_identity"])
async def test_a_missing_right_to_store_is_a_reason(conninfo: str, table: str) -> None:
    login = f"weak_{table}_{os.getpid()}"
    with modest_login(conninfo, login) as modest:
        with psycopg.connect(conninfo, autocommit=True) as administrator:
            administrator.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {login}")
            administrator.execute(f"REVOKE INSERT ON {table} FROM {login}")
        engine = question_engine(
            modest, pool_size=1, statement_timeout_seconds=5, prepare_threshold=None
        )
        [reason] = await unready_reasons(engine)
        await engine.dispose()
    assert "lacks a right" in reason


async def test_a_look_stores_nothing_and_spends_no_transaction_id(
    engine: AsyncEngine, conninfo: str
) -> None:
    await unready_reasons(engine)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM event_identity)"
        )
        assert counted.fetchone() == (0, 0)
    async with asking(engine) as asked:
        for statement in INSERTS_NOTHING:
            await asked.exec_driver_sql(statement)
        spent = await asked.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()::text")
        assert spent.scalar_one() is None
