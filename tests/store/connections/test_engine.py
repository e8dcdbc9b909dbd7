"""The pool commits blocks or statements, waits a bounded time, and outlives lost connections."""

import asyncio
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway
from receiver.store.connections.engine import (
    asking,
    migration_engine,
    prompt_engine,
    question_engine,
    reading,
    selecting,
)
from tests.support.instructions import Instructions
from tests.support.store.database import column
from tests.support.store.read_only import read_only

NUMBER = "+99999990815"

# 1,600 on 2026-11-26; through SQLAlchemy's own connection 3,100.
READING_INSTRUCTIONS = 2200


@pytest.fixture
def table(conninfo: str) -> str:
    with psycopg.connect(conninfo) as connection:
        connection.execute("CREATE TABLE seen (number integer)")
    return "INSERT INTO seen VALUES (%(number)s)"


async def test_a_block_is_stored_whole_or_not_at_all(
    engine: AsyncEngine, conninfo: str, table: str
) -> None:
    async with asking(engine) as connection:
        await connection.exec_driver_sql(table, [{"number": 1}, {"number": 2}])
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is what fails
        async with asking(engine) as connection:
            await connection.exec_driver_sql(table, {"number": 3})
            raise ZeroDivisionError
    assert column(conninfo, "SELECT number FROM seen ORDER BY number") == ["1", "2"]


async def test_a_failed_command_names_its_sqlstate_and_no_value(engine: AsyncEngine) -> None:
    with pytest.raises(DatabaseAway, match=r"\(SQLSTATE 42P01\)") as refused:
        async with asking(engine) as connection:
            await connection.exec_driver_sql("SELECT %(number)s FROM nowhere", {"number": NUMBER})
    chain = (refused.value, refused.value.__cause__)
    assert [NUMBER in str(error) for error in chain] == [False, False]


async def test_a_value_that_postgres_cannot_read_stays_an_error_of_its_own(
    engine: AsyncEngine,
) -> None:
    with pytest.raises(DataError) as refused:
        async with asking(engine) as connection:
            await connection.execute(text("SELECT CAST(:number AS inet)"), {"number": "a\\b"})
    assert "parameters hidden" in str(refused.value)


async def test_each_statement_of_a_reading_stands_for_itself(
    engine: AsyncEngine, conninfo: str, table: str
) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is what fails
        async with reading(engine) as reader:
            await reader.execute(table, {"number": 1})
            raise ZeroDivisionError
    assert column(conninfo, "SELECT number FROM seen") == ["1"]
    with psycopg.connect(conninfo) as connection:
        connection.execute("TRUNCATE seen")
    # The next one to take the connection has its block whole or not at all again.
    await test_a_block_is_stored_whole_or_not_at_all(engine, conninfo, table)


async def test_a_reading_that_fails_names_its_sqlstate_and_leaves_a_good_connection(
    engine: AsyncEngine,
) -> None:
    with pytest.raises(DatabaseAway, match=r"\(SQLSTATE 42P01\)"):
        async with reading(engine) as connection:
            await connection.execute("SELECT FROM nowhere")
    with pytest.raises(psycopg.DataError):
        async with reading(engine) as connection:
            await connection.execute("SELECT 1 / 0")
    async with reading(engine) as connection:
        assert await (await connection.execute("SELECT 1")).fetchone() == (1,)


async def test_each_question_of_a_selection_stands_for_itself(
    engine: AsyncEngine, conninfo: str, table: str
) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is what fails
        async with selecting(engine) as connection:
            await connection.exec_driver_sql(table, {"number": 1})
            raise ZeroDivisionError
    assert column(conninfo, "SELECT number FROM seen") == ["1"]
    with pytest.raises(DatabaseAway, match=r"\(SQLSTATE 42P01\)"):
        async with selecting(engine) as connection:
            await connection.exec_driver_sql("SELECT FROM nowhere")
    with pytest.raises(DataError):
        async with selecting(engine) as connection:
            await connection.exec_driver_sql("SELECT 1 / 0")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), selecting(engine) as connection:
            await connection.exec_driver_sql("SELECT pg_sleep(60)")
    with psycopg.connect(conninfo) as connection:
        connection.execute("TRUNCATE seen")
    # The next one to take the connection has its block whole or not at all again.
    await test_a_block_is_stored_whole_or_not_at_all(engine, conninfo, table)


async def test_a_reading_makes_no_task_of_its_own(engine: AsyncEngine) -> None:
    async with reading(engine) as connection:
        await connection.execute("SELECT 1")
    loop, made = asyncio.get_running_loop(), []

    def make(loop: asyncio.AbstractEventLoop, steps: Any, **options: Any) -> asyncio.Task[Any]:
        made.append(steps)
        return asyncio.Task(steps, loop=loop, **options)

    loop.set_task_factory(make)
    try:
        async with reading(engine) as connection:
            await connection.execute("SELECT 1")
    finally:
        loop.set_task_factory(None)
    # Each would keep the answer waiting for two turns of the loop.
    assert made == []


async def test_a_reading_takes_few_instructions_for_its_connection(engine: AsyncEngine) -> None:
    counts = []
    for _ in range(3):
        with Instructions() as instructions:
            async with reading(engine):
                pass
        counts.append(instructions.number)
    # The first one opens it.
    assert min(counts[1:]) < READING_INSTRUCTIONS


async def test_a_reading_that_is_given_up_leaves_nothing_behind(
    engine: AsyncEngine, conninfo: str
) -> None:
    for wait in (0.05, 0.1):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(wait), reading(engine) as connection:
                await connection.execute("SELECT pg_sleep(60)")
    # One that was left in the middle of a pipeline as well.
    with pytest.raises(TimeoutError):  # noqa: PT012
        async with (
            asyncio.timeout(0.05),
            reading(engine) as connection,
            connection.pipeline(),
        ):
            await connection.execute("SELECT pg_sleep(60)")
            await connection.execute("SELECT pg_sleep(60)")
    async with asking(engine) as asked, reading(engine) as connection:
        assert (await asked.exec_driver_sql("SELECT 1")).scalar_one() == 1
        assert await (await connection.execute("SELECT 1")).fetchone() == (1,)
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
    assert column(conninfo, f"{sleeping} AND state = 'active'") == ["0"]


async def test_a_database_that_is_away_is_said_so() -> None:
    engine = question_engine(
        "postgresql://receiver@127.0.0.1:1/receiver",
        pool_size=1,
        statement_timeout_seconds=1,
        prepare_threshold=None,
    )
    with pytest.raises(DatabaseAway, match="cannot be asked"):
        async with asking(engine):
            pass
    await engine.dispose()


async def test_the_wait_for_a_connection_is_bounded(conninfo: str) -> None:
    engine = question_engine(
        conninfo,
        pool_size=1,
        statement_timeout_seconds=5,
        prepare_threshold=None,
        pool_timeout_seconds=0.1,
    )
    async with asking(engine):
        with pytest.raises(DatabaseAway, match=r"cannot be asked$"):
            async with asking(engine):
                pass
    async with asking(engine):  # it was given back
        pass
    await engine.dispose()


async def test_lost_connections_are_replaced(engine: AsyncEngine, conninfo: str) -> None:
    cut = """
        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
    """

    async def ask() -> object:
        async with asking(engine) as connection:
            return (await connection.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()

    async def read() -> object:
        async with reading(engine) as connection:
            return await (await connection.execute("SELECT pg_backend_pid()")).fetchone()

    async def lose() -> None:
        async with asking(engine) as connection:
            await connection.exec_driver_sql("SELECT 1")
            with psycopg.connect(conninfo, autocommit=True) as other:
                other.execute(cut)
            await connection.exec_driver_sql("SELECT 1")

    async def lose_reading() -> None:
        async with reading(engine) as connection:
            with psycopg.connect(conninfo, autocommit=True) as other:
                other.execute(cut)
            await connection.execute("SELECT 1")

    before = await ask()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(cut)
    assert await ask() != before
    with pytest.raises(DatabaseAway):
        await lose()
    assert await ask() != before
    with pytest.raises(DatabaseAway):
        await lose_reading()
    assert await read() == (await ask(),)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(cut)
    assert await read() == (await ask(),)


def test_migrations_run_in_transactions_under_their_own_name(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        name = connection.execute(text("SELECT current_setting('application_name')")).scalar_one()
        connection.execute(text("CREATE TABLE half ()"))
        connection.rollback()
        assert connection.execute(text("SELECT to_regclass('half')")).scalar_one() is None
    assert name == "receiver migrate"


def test_a_migration_takes_its_time_whatever_the_role_is_given(conninfo: str) -> None:
    hasty = make_conninfo(
        conninfo,
        options="-c statement_timeout=9s -c idle_in_transaction_session_timeout=9s",
    )
    with migration_engine(hasty).connect() as connection:
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            assert connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "0"
        connection.rollback()
        driver = connection.connection.driver_connection
        assert driver is not None
        shown = driver.execute("SHOW statement_timeout").fetchone()
    assert shown == ("9s",)


async def test_a_read_only_session_is_replaced_with_the_whole_pool(
    engine: AsyncEngine, conninfo: str, table: str
) -> None:
    with read_only(conninfo):
        async with asking(engine), asking(engine):
            pass
        with pytest.raises(DatabaseAway, match="25006"):
            async with asking(engine) as connection:
                await connection.exec_driver_sql(table, {"number": 1})
    for number in (2, 3):
        async with asking(engine) as connection:
            await connection.exec_driver_sql(table, {"number": number})
    assert column(conninfo, "SELECT number FROM seen ORDER BY number") == ["2", "3"]


async def test_a_prompt_pool_limits_its_statements_and_leaves_the_session_as_it_is(
    conninfo: str,
) -> None:
    engine = prompt_engine(
        conninfo,
        pool_size=1,
        limit_seconds=0.1,
        statement_timeout_seconds=60,
        prepare_threshold=None,
    )
    async with asking(engine) as connection:
        shown = (await connection.exec_driver_sql("SHOW statement_timeout")).scalar_one()
    async with reading(engine) as driver:
        (of_session,) = await (await driver.execute("SHOW statement_timeout")).fetchone() or ("",)
    assert (shown, of_session) == ("100ms", "1min")
    with pytest.raises(DatabaseAway, match="57014"):
        async with asking(engine) as connection:
            await connection.exec_driver_sql("SELECT pg_sleep(60)")
    await engine.dispose()
