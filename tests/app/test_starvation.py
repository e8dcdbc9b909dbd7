"""Slow questions hold what they can: neither other callers nor the service itself wait for them."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import psycopg
import pytest
from psycopg import sql
from starlette.types import Receive, Scope, Send

from receiver.app.application import create_app
from receiver.release import find_version
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role, create_credential, revoke_credential
from tests.support.callers import Callers
from tests.support.exposition import value
from tests.support.listening import protocol_of, served
from tests.support.store.database import PARTITIONS, column

JSON = {"content-type": "application/json"}
POOL_SIZE = 5
READY = f'{{"status":"ready","version":"{find_version()}"}}'
# The projection waits too, on a connection of its own.
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
    AND query NOT LIKE '%FROM projection%'
"""


@pytest.fixture
def pool_timeout_seconds() -> float:
    """How long a question waits for its turn."""
    return 5.0


@pytest.fixture
def settings(settings: Settings, pool_timeout_seconds: float) -> Settings:
    """Those of the application, whose questions last as long as a test wants them to."""
    changes = {
        "credential_refresh_seconds": 0.3,
        "query_timeout_seconds": 3600.0,
        "pool_timeout_seconds": pool_timeout_seconds,
    }
    assert settings.pool_size == POOL_SIZE
    return settings.model_copy(update=changes)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Returns when the condition holds."""
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.05)


@asynccontextmanager
async def slow_questions(
    conninfo: str, *askers: httpx.AsyncClient, held: int, number: int = 2 * POOL_SIZE
) -> AsyncIterator[list[asyncio.Task[httpx.Response]]]:
    """Keeps connections of questions busy for the length of the block.

    Args:
        held: how many connections they hold when the block begins.
        number: how many questions each of them asks.
    """
    asked: list[asyncio.Task[httpx.Response]] = []
    async with await psycopg.AsyncConnection.connect(conninfo) as locking:
        # The months alone: readiness asks whether the table itself takes rows.
        months = sql.SQL(", ").join(map(sql.Identifier, column(conninfo, PARTITIONS)))
        lock = sql.SQL("LOCK TABLE {months} IN ACCESS EXCLUSIVE MODE").format(months=months)
        await locking.execute(lock)
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as watching:

            async def are_held() -> bool:
                cursor = await watching.execute(WAITING)
                return await cursor.fetchone() == (held,)

            async with asyncio.TaskGroup() as questions:
                for asker in askers:
                    for _ in range(number):
                        asked.append(questions.create_task(asker.get("/events", timeout=60)))
                try:
                    await until(are_held)
                    yield asked
                    assert await are_held()
                finally:
                    await locking.rollback()


def all_connections_held(
    callers: Callers, conninfo: str
) -> AbstractAsyncContextManager[list[asyncio.Task[httpx.Response]]]:
    """Has two credentials hold all connections of questions for the length of the block."""
    return slow_questions(conninfo, callers.reader, callers.admin, held=POOL_SIZE)


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
        assert (answer.status_code, answer.text) == (200, READY)
        assert "receiver_database_up 1.0" in (await callers.nobody.get("/metrics")).text


async def test_one_credential_never_holds_all_connections(
    callers: Callers, conninfo: str, settings: Settings
) -> None:
    async with slow_questions(conninfo, callers.reader, held=settings.questions_limit) as asked:
        answer = await callers.admin.get("/quarantine")
        assert (answer.status_code, answer.json()) == (200, {"items": []})
    assert {(await question).status_code for question in asked} <= {200, 429}


@pytest.mark.parametrize("pool_timeout_seconds", [1.0])
async def test_a_question_that_waits_too_long_for_its_turn_is_429(
    callers: Callers, conninfo: str, settings: Settings
) -> None:
    limit = settings.questions_limit
    async with slow_questions(conninfo, callers.reader, held=limit) as asked:

        async def are_refused() -> bool:
            return sum(question.done() for question in asked) == len(asked) - limit

        await until(are_refused)
    answers = [await question for question in asked]
    assert Counter(answer.status_code for answer in answers) == {200: limit, 429: POOL_SIZE + 1}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "TOO_MANY_REQUESTS"
    assert refused.headers["retry-after"] == "1"
    assert (await callers.reader.get("/events")).status_code == 200
    text = (await callers.nobody.get("/metrics")).text
    labels = {"call": "questions", "status": "429", "reason": "questions-exceeded"}
    assert value(text, "receiver_answers_total", labels) == POOL_SIZE + 1


async def test_a_body_that_arrives_slowly_holds_no_turn(callers: Callers, conninfo: str) -> None:
    has_begun = asyncio.Event()
    is_over = asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield b"{"
        has_begun.set()
        await is_over.wait()
        yield b"}"

    async with asyncio.TaskGroup() as questions:
        for _ in range(2 * POOL_SIZE):
            questions.create_task(
                callers.reader.post("/events/retrieve", content=slow_body(), headers=JSON)
            )
        await has_begun.wait()
        assert (await callers.reader.get("/events")).status_code == 200
        is_over.set()


async def test_a_question_whose_caller_hung_up_takes_no_turn(
    callers: Callers, conninfo: str, settings: Settings
) -> None:
    async def hung_up() -> float:
        text = (await callers.nobody.get("/metrics")).text
        labels = {"call": "questions", "status": "400", "reason": "hung-up"}
        return value(text, "receiver_answers_total", labels) or 0

    limit = settings.questions_limit
    async with slow_questions(conninfo, callers.reader, held=limit, number=limit):
        gone = [asyncio.create_task(callers.reader.get("/events", timeout=0.2)) for _ in range(3)]
        for question in gone:
            with pytest.raises(httpx.ReadTimeout):
                await question

    async def all_hung_up() -> bool:
        return await hung_up() == 3

    await until(all_hung_up)


async def test_probes_are_answered_while_requests_hold_every_place(
    settings: Settings, conninfo: str
) -> None:
    # The table is locked below, so that the next look at it must not be due meanwhile.
    seldom = settings.model_copy(update={"credential_refresh_seconds": 60.0})
    app, held, asked = create_app(seldom), 3, 0

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal asked
        asked += 1
        await app(scope, receive, send)

    async def are_held() -> bool:
        return asked == held

    async with (
        app.router.lifespan_context(app) as state,
        served(protocol_of(counted, state or {}, connection_limit=held)) as (host, port),
        await psycopg.AsyncConnection.connect(conninfo) as locking,
    ):

        async def ask(path: str) -> int:
            async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=60) as client:
                answer = await client.get(path, headers={"authorization": "Bearer nobody"})
                return answer.status_code

        await locking.execute("LOCK TABLE credential IN ACCESS EXCLUSIVE MODE")
        async with asyncio.TaskGroup() as group:
            questions = [group.create_task(ask("/events")) for _ in range(held)]
            await until(are_held)
            answers = [await ask(path) for path in ("/livez", "/readyz", "/events")]
            await locking.rollback()
    assert answers == [200, 200, 503]
    assert {question.result() for question in questions} <= {401, 503}
