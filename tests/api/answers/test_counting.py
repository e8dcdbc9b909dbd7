"""Every answer is counted once, as the call that its route declares."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import iter_route_contexts

from receiver.api.answers.counting import CountedRoute
from receiver.api.operations.documentation import Asset
from receiver.app.application import create_app
from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.metrics.initial_series import INITIAL_SERIES
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    revoke_credential,
    token_digest,
)
from tests.support.callers import Callers
from tests.support.exposition import value
from tests.support.tables import away

Call = Callable[[Callers], Awaitable[Any]]
REFUSED: dict[str, Any] = {**NOTIFICATION, "time": "never"}


# The routes that describe the calls.
DESCRIPTIONS = {
    "/openapi.json",
    "/docs",
    "/docs/initializer.js",
    *(f"/docs/{asset}" for asset in Asset),
}


async def scrape(callers: Callers) -> str:
    return (await callers.nobody.get("/metrics")).text


ANSWERS: list[tuple[Call, tuple[str, int, str]]] = [
    (lambda c: c.post(NOTIFICATION), ("notifications", 204, "ok")),
    (lambda c: c.post(LEGACY_NOTIFICATION), ("notifications", 204, "ok")),
    (lambda c: c.post(REFUSED), ("notifications", 400, "notification-refused")),
    (lambda c: c.nobody.post("/notifications"), ("notifications", 401, "token-missing")),
    (
        lambda c: c.nobody.post("/notifications", headers={"authorization": "Bearer x"}),
        ("notifications", 401, "token-unknown"),
    ),
    (lambda c: c.reader.post("/notifications"), ("notifications", 403, "permission-denied")),
    (lambda c: c.nobody.get("/notifications"), ("notifications", 405, "method-not-allowed")),
    (
        lambda c: c.sink.post("/notifications", content=bytes(300_000)),
        ("notifications", 413, "body-too-large"),
    ),
    (
        lambda c: c.post(NOTIFICATION, headers={"content-type": "text/plain"}),
        ("notifications", 415, "media-type-unsupported"),
    ),
    (lambda c: c.reader.get("/events"), ("questions", 200, "ok")),
    (lambda c: c.reader.get("/events?limit=0"), ("questions", 400, "invalid-argument")),
    (lambda c: c.reader.get("/events/x"), ("questions", 404, "event-not-found")),
    (lambda c: c.nobody.get("/events"), ("questions", 401, "token-missing")),
    (lambda c: c.sink.get(f"/devices/{UUID(int=0)}"), ("questions", 403, "permission-denied")),
    (lambda c: c.nobody.delete("/devices/retrieve"), ("questions", 405, "method-not-allowed")),
    (lambda c: c.admin.get("/quarantine"), ("quarantine", 200, "ok")),
    (lambda c: c.admin.get("/quarantine?limit=0"), ("quarantine", 400, "invalid-argument")),
    (lambda c: c.nobody.get("/quarantine"), ("quarantine", 401, "token-missing")),
    (lambda c: c.reader.get("/quarantine"), ("quarantine", 403, "permission-denied")),
    (lambda c: c.admin.get("/quarantine/x"), ("quarantine", 404, "refusal-not-found")),
    (lambda c: c.nobody.options("/notifications"), ("notifications", 405, "method-not-allowed")),
    (lambda c: c.nobody.get("/livez"), ("operations", 200, "ok")),
    (lambda c: c.nobody.post("/metrics"), ("operations", 405, "method-not-allowed")),
    (lambda c: c.nobody.get("/+99999991000"), ("other", 404, "not-found")),
    (lambda c: c.nobody.get("/events-of-nobody"), ("other", 404, "not-found")),
]


@pytest.mark.parametrize(("call", "counted"), ANSWERS)
async def test_an_answer_is_counted_once_by_call_status_and_reason(
    shared_callers: Callers, call: Call, counted: tuple[str, int, str]
) -> None:
    before = await shared_callers.count_answers()
    await call(shared_callers)
    found = await shared_callers.count_answers()
    # The look before is itself an answer.
    before["operations", "200", "ok"] += 1
    assert found - before == Counter([tuple(map(str, counted))])
    assert before - found == Counter()


@pytest.mark.parametrize(
    ("table", "call", "path"),
    [("event", "questions", "/events"), ("quarantine", "quarantine", "/quarantine")],
)
async def test_an_outage_is_counted_as_the_call_that_meets_it(
    callers: Callers, conninfo: str, table: str, call: str, path: str
) -> None:
    async with away(conninfo, table):
        assert (await callers.admin.get(path)).status_code == 503
    labels = {"call": call, "status": "503", "reason": "database-away"}
    assert value(await scrape(callers), "receiver_answers_total", labels) == 1


def test_every_route_declares_its_call_and_waits_for_its_first_fault(settings: Settings) -> None:
    contexts = list(iter_route_contexts(create_app(settings).routes))
    routes = {context.path: context.original_route for context in contexts}
    calls = {route.call for route in routes.values() if isinstance(route, CountedRoute)}
    assert {"notifications", "questions", "quarantine", "operations"} <= calls
    assert {(call, 500, "internal") for call in calls} <= set(INITIAL_SERIES)
    undeclared = {path for path, route in routes.items() if not isinstance(route, CountedRoute)}
    assert undeclared == DESCRIPTIONS


async def test_a_fault_of_our_own_is_counted_as_internal(callers: Callers) -> None:
    async def broken() -> None:
        raise RuntimeError

    callers.app.add_api_route("/broken", broken)
    await callers.nobody.get("/broken")
    labels = {"call": "other", "status": "500", "reason": "internal"}
    assert value(await scrape(callers), "receiver_answers_total", labels) == 1


async def test_a_revoked_and_an_expired_token_are_told_apart(
    callers: Callers, conninfo: str
) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    create_credential(conninfo, "late", Role.SINK, token_digest("late"), past)
    create_credential(conninfo, "gone", Role.SINK, token_digest("gone"), None)
    revoke_credential(conninfo, "gone")
    for token, reason in (("late", "token-expired"), ("gone", "token-revoked")):
        headers = {"authorization": f"Bearer {token}"}
        await callers.nobody.post("/notifications", headers=headers)
        labels = {"call": "notifications", "status": "401", "reason": reason}
        assert value(await scrape(callers), "receiver_answers_total", labels) == 1
