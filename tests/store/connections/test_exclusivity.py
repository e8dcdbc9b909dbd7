"""Exclusivity between processes: one holder at a time, and none that is dead, hangs or is late."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager

import psycopg
import pytest

from receiver.errors import DatabaseAway, Unavailable
from receiver.store.connections.exclusivity import exclusivity

NAME = "receiver task sweep"
HOLD = """
import asyncio, sys
from receiver.store.connections.exclusivity import exclusivity

async def hold():
    async with exclusivity(
        sys.argv[1], sys.argv[2],
        deadline_seconds=60, statement_timeout_seconds=5, prepare_threshold=None,
    ) as is_held:
        print(is_held, flush=True)
        await asyncio.Event().wait()

asyncio.run(hold())
"""
TRY = "SELECT pg_try_advisory_xact_lock(hashtext(%s))"
END_HOLDER = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_locks
WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def of(
    conninfo: str, name: str = NAME, deadline_seconds: float = 60
) -> AbstractAsyncContextManager[bool]:
    return exclusivity(
        conninfo,
        name,
        deadline_seconds=deadline_seconds,
        statement_timeout_seconds=5,
        prepare_threshold=None,
    )


@contextmanager
def holding_process(conninfo: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the name; it is killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, conninfo, NAME], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "True\n"
            yield process
        finally:
            process.kill()


def is_free_within(conninfo: str, seconds: float) -> bool:
    """Whether somebody else gets the lock in that time; asks in a loop that lets nobody run."""
    ends_at = time.monotonic() + seconds
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while time.monotonic() < ends_at:
            if connection.execute(TRY, [NAME]).fetchone() == (True,):
                return True
            time.sleep(0.01)
    return False


async def test_only_one_holds_a_name_and_the_next_one_gets_it_afterwards(conninfo: str) -> None:
    async with of(conninfo) as is_held:
        assert is_held
        async with of(conninfo) as is_held_twice, of(conninfo, "receiver task other") as is_other:
            assert (is_held_twice, is_other) == (False, True)
    async with of(conninfo) as is_held:
        assert is_held


async def test_an_error_in_the_block_is_raised_as_it_is_and_frees_the_name(conninfo: str) -> None:
    for error in (RuntimeError("x"), TimeoutError("x"), psycopg.OperationalError("x")):
        with pytest.raises(type(error)) as raised:
            async with of(conninfo):
                raise error
        assert raised.value is error
    assert is_free_within(conninfo, 10)


async def test_a_holder_that_is_killed_leaves_the_name_to_others(conninfo: str) -> None:
    with holding_process(conninfo) as process:
        async with of(conninfo) as is_held:
            assert not is_held
        process.kill()
        assert is_free_within(conninfo, 10)


async def test_a_holder_that_hangs_loses_the_name_at_the_deadline(conninfo: str) -> None:
    async def hang() -> None:
        async with of(conninfo, deadline_seconds=0.5) as is_held:
            assert is_held
            assert is_free_within(conninfo, 10)

    with pytest.raises(Unavailable):
        await hang()


async def test_a_block_that_takes_too_long_is_cancelled(conninfo: str) -> None:
    with pytest.raises(Unavailable, match=r"longer than 0\.5 seconds"):
        async with of(conninfo, deadline_seconds=0.5):
            await asyncio.Event().wait()
    assert is_free_within(conninfo, 10)


async def test_a_name_that_was_lost_during_the_block_is_an_error(conninfo: str) -> None:
    async def lose() -> None:
        async with of(conninfo) as is_held:
            assert is_held
            with psycopg.connect(conninfo, autocommit=True) as connection:
                connection.execute(END_HOLDER)

    with pytest.raises(DatabaseAway):
        await lose()


async def test_a_database_that_is_away_is_an_error_and_the_block_does_not_run() -> None:
    with pytest.raises(DatabaseAway):
        async with of("postgresql://nobody@127.0.0.1:1/none"):
            raise AssertionError
