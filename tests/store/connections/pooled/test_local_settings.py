"""Behind a pooler each transaction says its settings, and none reaches another client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from receiver.store.connections.database import connect_async
from receiver.store.connections.engine import asking, question_engine, reading, selecting
from receiver.store.connections.pooled.local_settings import LocalConnection, execute_alone
from receiver.store.derived.rows import Question, read_together
from tests.support.pooler import transaction_pooler
from tests.support.traced import sent, start_trace

SHOWN = "SELECT current_setting('statement_timeout') || ' ' || current_setting('jit')"
SAID = "7s off"
USUAL = "0 on"


@pytest.fixture
def pooled(conninfo: str) -> Iterator[str]:
    # One session of the server for all clients, so that each meets what others leave.
    with transaction_pooler(conninfo, size=1) as through:
        yield through


@pytest.fixture
async def local(pooled: str) -> AsyncIterator[LocalConnection]:
    connection = await connect_async(
        pooled, statement_timeout_seconds=7, prepare_threshold=5, settings={"jit": "off"}
    )
    yield connection
    await connection.close()


async def shown(connection: LocalConnection) -> str:
    row = await (await connection.execute(SHOWN)).fetchone()
    assert row is not None
    return str(row[0])


def meet(pooled: str) -> str:
    """What the next client of the session meets."""
    with psycopg.connect(pooled, autocommit=True) as other:
        row = other.execute(SHOWN).fetchone()
    assert row is not None
    return str(row[0])


async def test_each_statement_has_the_settings_and_nobody_else(
    local: LocalConnection, pooled: str
) -> None:
    for _ in range(3):
        assert await shown(local) == SAID
        assert meet(pooled) == USUAL


async def test_every_statement_of_a_transaction_has_them(
    local: LocalConnection, pooled: str
) -> None:
    async with local.transaction():
        assert [await shown(local), await shown(local)] == [SAID, SAID]
        async with local.transaction():
            assert await shown(local) == SAID
    assert meet(pooled) == USUAL
    await local.set_autocommit(False)
    assert [await shown(local), await shown(local)] == [SAID, SAID]
    await local.rollback()
    assert await shown(local) == SAID
    await local.commit()
    assert meet(pooled) == USUAL


async def test_statements_that_are_sent_together_have_them(
    local: LocalConnection, pooled: str
) -> None:
    async with local.pipeline():
        cursors = [await local.execute(SHOWN) for _ in range(3)]
    assert [await cursor.fetchall() for cursor in cursors] == [[(SAID,)]] * 3
    assert meet(pooled) == USUAL


async def test_a_statement_takes_one_round_trip(local: LocalConnection, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with trace.open("w") as written:
        start_trace(local, written.fileno())
        await shown(local)
        assert sent(trace).count("Sync") == 1
        local.pgconn.untrace()


async def fail(local: LocalConnection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        await local.execute("SELECT * FROM nowhere")


async def fail_together(local: LocalConnection) -> None:
    try:
        async with local.pipeline():
            await local.execute("SELECT * FROM nowhere")
            await local.execute(SHOWN)
    except psycopg.errors.UndefinedTable:
        return
    raise AssertionError


async def read_two(local: LocalConnection) -> None:
    await read_together(local, Question(SHOWN, {}), Question(SHOWN, {}, is_planned_once=True))


async def read_amid_a_pipeline(local: LocalConnection) -> None:
    async with local.pipeline() as pipeline:
        assert await shown(local) == SAID
        await pipeline.sync()
        await local.execute(SHOWN)


async def nest(local: LocalConnection) -> None:
    async with local.transaction(), local.pipeline():
        async with local.transaction(), local.pipeline():
            await local.execute(SHOWN)
        assert await shown(local) == SAID


async def be_within_a_pipeline(local: LocalConnection) -> None:
    async with local.pipeline(), local.transaction():
        await local.execute(SHOWN)


DOINGS: list[Callable[[LocalConnection], Awaitable[object]]] = [
    shown,
    fail,
    fail_together,
    read_two,
    read_amid_a_pipeline,
    nest,
    be_within_a_pipeline,
]


async def test_a_client_that_has_its_answers_asks_for_nothing_more(
    local: LocalConnection, pooled: str, tmp_path: Path
) -> None:
    # A message after the Sync makes the pooler lend a session to a client that is idle.
    trace = tmp_path / "trace"
    for doing in DOINGS:
        with trace.open("w") as written:
            start_trace(local, written.fileno())
            await doing(local)
            messages = sent(trace)
            local.pgconn.untrace()
        assert messages[-1] in {"Sync", "Query"}, doing
        assert ("Sync", "Flush") not in pairwise(messages), doing
        assert meet(pooled) == USUAL


async def test_a_statement_ends_at_its_limit_and_one_that_fails_leaves_a_usable_connection(
    pooled: str,
) -> None:
    short = await connect_async(pooled, statement_timeout_seconds=0.2, prepare_threshold=None)
    for _ in range(2):
        with pytest.raises(psycopg.errors.QueryCanceled):
            await short.execute("SELECT pg_sleep(30)")
        with pytest.raises(psycopg.errors.UndefinedTable):
            await short.execute("SELECT * FROM nowhere")
    assert await (await short.execute("SELECT 1")).fetchone() == (1,)
    await short.close()


async def test_a_task_that_is_cancelled_leaves_no_answer_for_the_next_statement(
    local: LocalConnection,
) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await local.execute("SELECT 'of the cancelled one', pg_sleep(30)")
    try:
        assert await shown(local) == SAID
    except psycopg.OperationalError:
        assert local.closed


async def test_what_no_transaction_can_hold_brings_no_settings(
    local: LocalConnection, pooled: str
) -> None:
    await local.execute("CREATE TABLE held (one integer)")
    await execute_alone(local, "CREATE INDEX CONCURRENTLY held_one ON held (one)")
    await execute_alone(local, "SELECT set_config('jit', %(value)s, true)", {"value": "off"})
    assert meet(pooled) == USUAL


async def test_a_direct_connection_says_them_once(conninfo: str, tmp_path: Path) -> None:
    direct = await connect_async(
        conninfo, statement_timeout_seconds=7, prepare_threshold=None, settings={"jit": "off"}
    )
    assert not direct.is_pooled
    trace = tmp_path / "trace"
    with trace.open("w") as written:
        start_trace(direct, written.fileno())
        assert await shown(direct) == SAID
        assert sent(trace).count("Parse") <= 1
        direct.pgconn.untrace()
    await direct.close()


async def test_each_kind_of_question_has_its_limit(pooled: str) -> None:
    engine = question_engine(
        pooled, pool_size=1, statement_timeout_seconds=9, prepare_threshold=None
    )
    limit = "SHOW statement_timeout"
    for opening in (asking, selecting):
        async with opening(engine) as connection:
            for _ in range(2):
                assert (await connection.exec_driver_sql(limit)).scalar_one() == "9s"
        assert meet(pooled) == USUAL
    async with reading(engine) as driver:
        assert await (await driver.execute(limit)).fetchone() == ("9s",)
    assert meet(pooled) == USUAL
    await engine.dispose()
