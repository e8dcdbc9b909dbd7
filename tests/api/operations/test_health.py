"""`/livez` and `/readyz`: alive whatever the database does, ready only without a reason."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from receiver.api.answers.counting import Answers
from receiver.api.operations.health import health_router
from receiver.release import find_version
from receiver.store.health.progress import Progress

Count = tuple[str, int, str]
READY = {"status": "ready", "version": find_version()}
REASONS = ["the database cannot be reached", "too many notifications are waiting to be stored"]


@asynccontextmanager
async def client(
    reasons: Sequence[str],
    counts: list[Count],
    progress: Progress | None = None,
    warnings: Sequence[str] = (),
) -> AsyncIterator[httpx.AsyncClient]:
    """Calls the routes of a process that has these reasons not to be ready."""

    async def unready_reasons() -> Sequence[str]:
        return reasons

    app = FastAPI()
    app.include_router(health_router(unready_reasons, lambda: progress, lambda: warnings))
    app.add_middleware(Answers, count=lambda *count: counts.append(count))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x.invalid") as caller:
        yield caller


@pytest.mark.parametrize("reasons", [[], REASONS])
async def test_a_process_that_answers_is_alive(reasons: list[str]) -> None:
    async with client(reasons, []) as caller:
        answer = await caller.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_a_service_that_is_ready_tells_what_is_wrong_all_the_same() -> None:
    warning = "the clock of the database is 200 days ahead of the clock of this machine"
    async with client([], [], warnings=[warning]) as caller:
        answer = await caller.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {**READY, "warnings": [warning]}


async def test_without_a_reason_the_service_is_ready() -> None:
    counts: list[Count] = []
    async with client([], counts) as caller:
        answer = await caller.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, READY)
    assert counts == [("operations", 200, "ok")]


@pytest.mark.parametrize(
    ("progress", "told"),
    [
        (Progress(0.25, 1), {"lagSeconds": 0.25, "derivation": 1}),
        (
            Progress(0.0, 1, 2, 0.5),
            {"lagSeconds": 0.0, "derivation": 1, "rebuilding": 2, "rebuiltRatio": 0.5},
        ),
    ],
)
async def test_a_service_that_is_ready_tells_how_far_its_answers_are(
    progress: Progress, told: dict[str, float]
) -> None:
    async with client([], [], progress) as caller:
        answer = await caller.get("/readyz")
    assert answer.json() == {**READY, "projection": told}


async def test_a_service_that_is_ready_in_another_way_says_so() -> None:
    warnings = ["notifications are kept in the spool meanwhile"]
    async with client([], [], warnings=warnings) as caller:
        answer = await caller.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {**READY, "warnings": warnings})


async def test_every_reason_is_told_and_the_caller_is_asked_to_come_again() -> None:
    counts: list[Count] = []
    async with client(REASONS, counts) as caller:
        answer = await caller.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": 503, "code": "UNAVAILABLE", "message": "Not ready", "reasons": REASONS},
    )
    assert int(answer.headers["retry-after"]) > 0
    assert counts == [("operations", 503, "not-ready")]
