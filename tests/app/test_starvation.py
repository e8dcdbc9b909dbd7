"""Slow questions hold every connection that they can: nothing else of the service waits."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import psycopg
import pytest

from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role, create_credential, revoke_credential
from tests.support.callers import Callers

JSON = {"content-type": "application/json"}
POOL_SIZE = 5
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of the application, whose questions last as long as a test wants them to."""
    changes = {"credential_refresh_seconds": 0.3, "query_timeout_seconds": 3600.0}
    assert settings.pool_size == POOL_SIZE
    return settings.model_copy(update=changes)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Returns when the condition holds."""
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.05)


@asynccontextmanager
async def all_connections_held(callers: Callers, conninfo: str) -> AsyncIterator[None]:
    """Keeps the connections of questions busy for the length of the block."""
    async with await psycopg.AsyncConnection.connect(conninfo) as locking:
        await locking.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as watching:

            async def are_held() -> bool:
                cursor = await watching.execute(WAITING)
                return await cursor.fetchone() == (POOL_SIZE,)

            async with asyncio.TaskGroup() as questions:
                for asker in (callers.reader, callers.admin):
                    for _ in range(2 * POOL_SIZE):
                        questions.create_task(asker.get("/events", timeout=60))
                try:
                    await until(are_held)
                    yield
                    assert await are_held()
                finally:
                    await locking.rollback()


async def test_a_revoked_token_is_refused_while_questions_hold_all_connections(
    callers: Callers, conninfo: str
) -> None:
    async def is_refused() -> bool:
        answer = await callers.sink.post("/notifications", content=b"{", headers=JSON)
        return answer.status_code == 401

    assert not await is_refused()
    async with all_connections_held(callers, conninfo):
        await asyncio.to_thread(revoke_credential, conninfo, "the-sink")
        await until(is_refused)


async def test_a_new_token_works_while_questions_hold_all_connections(
    callers: Callers, conninfo: str
) -> None:
    digest = hashlib.sha256(b"new").digest()
    async with all_connections_held(callers, conninfo):
        await asyncio.to_thread(create_credential, conninfo, "new", Role.SINK, digest, None)
        answer = await callers.nobody.post(
            "/notifications", content=b"{", headers={"authorization": "Bearer new", **JSON}
        )
        assert answer.status_code == 400


async def test_refused_bodies_are_kept_while_questions_hold_all_connections(
    callers: Callers, conninfo: str
) -> None:
    async def refused(number: int) -> httpx.Response:
        body = b"{" * (number + 1)
        return await callers.sink.post("/notifications", content=body, headers=JSON)

    async with all_connections_held(callers, conninfo):
        answers = await asyncio.gather(*map(refused, range(20)))
        assert {answer.status_code for answer in answers} == {400}


async def test_operations_are_answered_while_questions_hold_all_connections(
    callers: Callers, conninfo: str
) -> None:
    async with all_connections_held(callers, conninfo):
        answer = await callers.nobody.get("/readyz")
        assert (answer.status_code, answer.text) == (200, '{"status":"ready"}')
        assert "receiver_database_up 1.0" in (await callers.nobody.get("/metrics")).text
