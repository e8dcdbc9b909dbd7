"""A background task that fails shows in `/readyz` and in `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.app import service, tasks
from receiver.settings.settings import Settings
from receiver.store.health import look
from receiver.store.health.readiness import unready_reasons
from tests.support.callers import Callers
from tests.support.exposition import families, value
from tests.support.store.database import column
from tests.support.tables import away


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Returns when the condition holds."""
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.05)


async def failures(callers: Callers, task: str) -> float:
    text = (await callers.nobody.get("/metrics")).text
    found = value(text, "receiver_task_failures_total", {"task": task})
    assert found is not None, task
    return found


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of the application, which reads the credentials often."""
    return settings.model_copy(update={"credential_refresh_seconds": 0.3})


async def test_credentials_that_cannot_be_reread_make_the_service_unready_until_they_can(
    callers: Callers, conninfo: str
) -> None:
    async def is_overdue() -> bool:
        answer = await callers.nobody.get("/readyz")
        if answer.status_code == 200:
            return False
        [reason] = answer.json()["reasons"]
        return str(reason).startswith("the background task credentials has not succeeded for ")

    async def is_ready() -> bool:
        return (await callers.nobody.get("/readyz")).status_code == 200

    await until(is_ready)
    async with away(conninfo, "credential"):
        await until(is_overdue)
        assert await failures(callers, "credentials") >= 1
    await until(is_ready)


@pytest.fixture
def partitions_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    async def make_partitions_ahead(_conninfo: str) -> None:
        raise LookupError("a text that may hold what was sent")

    monkeypatch.setattr(tasks, "make_partitions_ahead", make_partitions_ahead)


async def test_a_task_that_raises_what_nobody_foresaw_is_counted_from_its_first_failure(
    partitions_raise: None, callers: Callers
) -> None:
    async def has_failed() -> bool:
        return await failures(callers, "partitions") == 1

    await until(has_failed)
    assert await failures(callers, "quarantine-sweep") == 0


async def test_every_task_of_a_service_that_is_well_is_shown_and_has_not_failed(
    callers: Callers,
) -> None:
    text = (await callers.nobody.get("/metrics")).text
    samples = families(text)["receiver_task_failures"].samples
    assert {sample.labels["task"]: sample.value for sample in samples} == {
        "credentials": 0,
        "credential-uses": 0,
        "credential-expiry": 0,
        "failed-attempts": 0,
        "partitions": 0,
        "projection": 0,
        "projection-sweep": 0,
        "quarantine-sweep": 0,
        "retention": 0,
        "stream": 0,
        "subscriptions": 0,
    }


async def test_all_that_ask_at_once_whether_it_is_ready_share_one_look(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    async def counted(engine: AsyncEngine) -> Sequence[str]:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0.1)
        return await unready_reasons(engine)

    monkeypatch.setattr(look, "unready_reasons", counted)
    answers = await asyncio.gather(*(callers.nobody.get("/readyz") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert looks < 10


async def test_a_database_that_does_not_answer_is_a_reason_in_bounded_time(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(_engine: AsyncEngine) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(look, "unready_reasons", hangs)
    monkeypatch.setattr(look, "DEADLINE_SECONDS", 0.1)
    answer = await callers.nobody.get("/readyz")
    # Where the machine is busy, a background task may be late as well.
    assert "the database does not answer" in answer.json()["reasons"]


@pytest.mark.parametrize("feed", ["snapshot", "overlap"])
async def test_the_projection_reads_by_the_feed_of_the_settings(
    settings: Settings, conninfo: str, feed: str
) -> None:
    chosen = settings.model_copy(update={"feed": feed})
    async with service.Service(chosen).open():
        [is_time] = column(conninfo, "SELECT position IS NULL FROM projection")
    assert is_time == str(feed == "overlap")
