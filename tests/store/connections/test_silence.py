"""A silent server is let go of at this end alone, and nobody waits for one that has answered."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.waiting import Ready, Wait

from receiver.store.connections import silence
from receiver.store.connections.database import connect_async
from receiver.store.connections.silence import Silence, let_go, let_go_after
from tests.support.store.database import rows

# The server ends it at its limit, a minute, and the client does not wait for that long.
SLEEPS = "SELECT pg_sleep(50)"
STATE = "SELECT state, query FROM pg_stat_activity WHERE pid = {}"
LIMIT_SECONDS = 60


@pytest.fixture(autouse=True)
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is let go of long before its limit."""
    monkeypatch.setattr(silence, "MARGIN_SECONDS", 0.2 - LIMIT_SECONDS)


async def open_connection(conninfo: str, shared: Silence | None = None) -> AsyncConnection:
    return await connect_async(
        conninfo,
        statement_timeout_seconds=LIMIT_SECONDS,
        prepare_threshold=None,
        silence=shared,
    )


@pytest.fixture(autouse=True)
def no_session_left(conninfo: str) -> Iterator[None]:
    yield
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s", [SLEEPS]
        )


async def test_who_waits_learns_of_the_loss_and_the_server_goes_on(conninfo: str) -> None:
    connection = await open_connection(conninfo)
    pid = connection.info.backend_pid
    with pytest.raises(psycopg.OperationalError):
        await connection.execute(SLEEPS)
    [row] = rows(conninfo, STATE.format(pid))
    assert row == {"state": "active", "query": SLEEPS}
    assert connection.broken
    await connection.close()


async def test_an_answer_in_time_keeps_the_connection(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine takes a part of a second for an answer.
    monkeypatch.setattr(silence, "MARGIN_SECONDS", 1 - LIMIT_SECONDS)
    connection = await open_connection(conninfo)
    await connection.execute("SELECT 1")
    await asyncio.sleep(1.1)
    await connection.execute("SELECT 1")
    await connection.close()


async def test_who_is_cancelled_while_the_server_is_silent_ends(conninfo: str) -> None:
    connection = await open_connection(conninfo)
    waiting = asyncio.create_task(connection.execute(SLEEPS))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await connection.close()


async def test_a_server_that_stays_silent_is_let_go_of_ever_more_seldom(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "LONGEST_SECONDS", 0.6)
    shared = Silence(LIMIT_SECONDS)
    waited = []
    for statement in (SLEEPS, SLEEPS, SLEEPS, "SELECT 1"):
        waited.append(round(shared.seconds, 3))
        # To be reached is no end of the silence.
        connection = await open_connection(conninfo, shared)
        with suppress(psycopg.OperationalError):
            await connection.execute(statement)
        await connection.close()
    shared.end()
    assert [*waited, round(shared.seconds, 3)] == [0.2, 0.4, 0.6, 0.6, 0.2]


async def test_a_connection_that_is_closed_is_nothing_to_let_go_of(conninfo: str) -> None:
    connection = await open_connection(conninfo)
    await connection.close()
    let_go(connection)


async def test_a_step_that_waits_for_nothing_goes_on_at_once(conninfo: str) -> None:
    connection = await open_connection(conninfo)
    # The driver then takes the event loop for a busy one, at the first step.
    await asyncio.sleep(0.02)
    others: list[bool] = []
    asyncio.get_running_loop().call_soon(others.append, True)
    await connection.set_autocommit(False)
    await connection.set_autocommit(True)
    await connection.rollback()
    assert others == []
    await connection.close()


def test_a_thread_that_waits_learns_of_the_loss(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        with pytest.raises(psycopg.OperationalError), let_go_after(connection, 0.2):
            connection.execute(SLEEPS)
        assert connection.broken


def test_a_thread_that_is_answered_in_time_keeps_the_connection(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        with let_go_after(connection, 1):
            connection.execute("SELECT 1")
        connection.execute("SELECT pg_sleep(1.1)")
        assert not connection.broken


async def test_no_statement_of_a_pipeline_waits_for_the_event_loop(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await open_connection(conninfo)
    waits: list[Wait] = []
    wait = AsyncConnection.wait

    async def count(self: Any, gen: PQGen[Any], *limits: Any, **more: Any) -> Any:
        return await wait(self, noting(gen, waits), *limits, **more)

    monkeypatch.setattr(AsyncConnection, "wait", count)
    async with connection.pipeline():
        cursors = [await connection.execute("SELECT %s::int", [each]) for each in range(5)]
        assert waits == []
    assert [await cursor.fetchone() for cursor in cursors] == [(each,) for each in range(5)]
    # On a busy machine the answers may be here before anybody waits for them.
    assert set(waits) <= {Wait.R}
    await connection.close()


def noting(gen: PQGen[Any], waits: list[Wait]) -> PQGen[Any]:
    """Goes on as a generator does, and notes what the driver is asked to wait for."""
    try:
        wanted = next(gen)
        while True:
            waits.append(wanted)
            wanted = gen.send((yield wanted))
    except StopIteration as ended:
        return ended.value


def reading(steps: int) -> PQGen[str]:
    for _ in range(steps):
        assert (yield Wait.R) == Ready.R
    return "read"


def test_what_is_here_is_read_in_one_turn() -> None:
    here, there = socket.socketpair()
    with here, there:
        there.send(b"an answer that is longer than the driver reads in a step")
        gen = silence._go_on(begun(reading(silence.STEPS_OF_A_TURN)), Wait.R, here.fileno())
        assert next(gen) == Wait.R
        with pytest.raises(StopIteration, match="read"):
            gen.send(Ready.R)


def test_what_never_ends_lets_others_go_on() -> None:
    here, there = socket.socketpair()
    with here, there:
        there.send(b"more than can be read")
        steps = begun(reading(10**6))
        gen = silence._go_on(steps, Wait.R, here.fileno())
        next(gen)
        for _ in range(3):
            assert gen.send(Ready.R) == Wait.R
        steps.close()


def test_what_is_not_here_is_waited_for() -> None:
    here, there = socket.socketpair()
    with here, there:
        gen = silence._go_on(begun(reading(3)), Wait.R, here.fileno())
        next(gen)
        assert gen.send(Ready.R) == Wait.R
        assert gen.send(Ready.R) == Wait.R
        gen.close()


def begun(gen: PQGen[str]) -> PQGen[str]:
    next(gen)
    return gen
