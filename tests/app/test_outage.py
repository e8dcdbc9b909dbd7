"""A service that can store nothing says so and why, and is ready again once it has stored."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import psycopg
import pytest
from psycopg import sql

from receiver.intake import outage
from receiver.settings.settings import Settings
from tests.support.bodies import cloudevent
from tests.support.callers import Callers
from tests.support.exposition import value
from tests.support.store.database import PARTITIONS, column
from tests.support.tables import change

JSON = {"content-type": "application/json"}
RAISE = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'as the test says' USING ERRCODE = '{sqlstate}'; END $$
"""
# Of rows, so that a statement that stores none does not meet it.
FAIL = "CREATE TRIGGER fails BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION fail()"
MEND = "DROP TRIGGER fails ON event"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of the application, which gives up soon."""
    return settings.model_copy(update={"commit_timeout_seconds": 0.3, "patience_seconds": 0.5})


@pytest.fixture(autouse=True)
def told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "TOLD_AFTER_SECONDS", 0.2)


async def post(callers: Callers) -> httpx.Response:
    event = cloudevent("roaming-on")
    return await callers.sink.post("/notifications", content=event, headers=JSON)


async def reasons(callers: Callers) -> list[str]:
    answer = await callers.nobody.get("/readyz")
    return [] if answer.status_code == 200 else list(answer.json()["reasons"])


@asynccontextmanager
async def failing(conninfo: str, sqlstate: str) -> AsyncIterator[None]:
    """Has every insert of an event fail in the server for the length of the block."""
    await change(conninfo, RAISE.format(sqlstate=sqlstate))
    await change(conninfo, FAIL)
    yield
    await change(conninfo, MEND)


@asynccontextmanager
async def locked(conninfo: str) -> AsyncIterator[None]:
    """Locks the months, and not the table that readiness asks, for the length of the block."""
    months = sql.SQL(", ").join(map(sql.Identifier, column(conninfo, PARTITIONS)))
    async with await psycopg.AsyncConnection.connect(conninfo) as locking:
        lock = sql.SQL("LOCK TABLE {months} IN ACCESS EXCLUSIVE MODE").format(months=months)
        await locking.execute(lock)
        yield
        await locking.rollback()


FAULTS: Mapping[str, tuple[Callable[[str], AbstractAsyncContextManager[None]], str]] = {
    "disk-full": (lambda url: failing(url, "53100"), "the disk of the database is full"),
    "read-only": (lambda url: failing(url, "25006"), "the database is read-only"),
    "late": (locked, "a table is locked"),
}


@pytest.mark.parametrize("word", FAULTS)
async def test_a_service_that_can_store_nothing_is_not_ready_until_it_has_stored(
    callers: Callers, conninfo: str, word: str
) -> None:
    fault, sentence = FAULTS[word]
    async with fault(conninfo):
        assert (await post(callers)).status_code == 503
        [told] = await reasons(callers)
        assert told.startswith("no notification could be stored for ")
        assert sentence in told
        text = (await callers.nobody.get("/metrics")).text
        assert (value(text, "receiver_commit_failures_total", {"reason": word}) or 0) >= 1
    # A busy machine may need longer than the patience of this application.
    while (await post(callers)).status_code != 204:
        continue
    assert await reasons(callers) == []


async def test_a_fault_that_meets_no_notification_is_no_reason(
    callers: Callers, conninfo: str
) -> None:
    async with failing(conninfo, "53100"):
        await asyncio.sleep(0.3)
        assert await reasons(callers) == []


async def test_without_notifications_a_service_does_not_stay_unready(
    callers: Callers, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with failing(conninfo, "53100"):
        assert (await post(callers)).status_code == 503
        assert await reasons(callers) != []
        monkeypatch.setattr(outage, "FORGOTTEN_AFTER_SECONDS", 0.0)
        assert await reasons(callers) == []
