"""Each call that reads personal data leaves one audit line: who and how many, never of whom."""

import asyncio
import json
from typing import Any

import pytest
import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.requests import ClientDisconnect
from starlette.types import Message
from structlog.testing import capture_logs

from receiver.api.access.reads import Read
from receiver.api.access.routes import GuardedRoute
from receiver.errors import IdentifierNotFound
from tests.support.asking import PHONE, device_id, notification
from tests.support.callers import Callers
from tests.support.refused import listed


def lines(logged: Any) -> list[dict[str, Any]]:
    """The audit lines among what was logged, without what each of them has."""
    audited = [line for line in logged if line["event"] == "audit"]
    return [
        {name: value for name, value in line.items() if name not in {"event", "log_level"}}
        for line in audited
    ]


async def test_each_read_leaves_one_line_with_its_call_and_its_number_of_items(
    callers: Callers,
) -> None:
    for number in range(3):
        await callers.post(notification(number, PHONE))
    await callers.sink.post(
        "/notifications", content=b"{", headers={"content-type": "application/json"}
    )
    device = await device_id(callers, PHONE)
    [first, *_] = await callers.history(device=PHONE)
    [entry] = await listed(callers)
    with capture_logs() as logged:
        await callers.reader.get("/events", params={"limit": 2})
        await callers.reader.get(f"/events/{first['id']}")
        await callers.reader.get(f"/devices/{device}")
        await callers.admin.get(f"/devices/{device}/events")
        await callers.reader.post("/devices/retrieve", json={"device": PHONE})
        await callers.reader.post("/events/retrieve", json={"device": PHONE})
        await callers.reader.head("/events")
        await callers.admin.get("/quarantine")
        await callers.admin.get(f"/quarantine/{entry['id']}")
    assert [
        (line["action"], line["credential"], line["call"], line["items"], line["outcome"])
        for line in lines(logged)
    ] == [
        ("questions.read", "the-reader", "GET /events", 2, "ok"),
        ("questions.read", "the-reader", "GET /events/{id}", 1, "ok"),
        ("questions.read", "the-reader", "GET /devices/{deviceId}", 1, "ok"),
        ("questions.read", "the-admin", "GET /devices/{deviceId}/events", 3, "ok"),
        ("questions.read", "the-reader", "POST /devices/retrieve", 1, "ok"),
        ("questions.read", "the-reader", "POST /events/retrieve", 3, "ok"),
        ("questions.read", "the-reader", "GET /events", 3, "ok"),
        ("quarantine.read", "the-admin", "GET /quarantine", 1, "ok"),
        ("quarantine.read", "the-admin", "GET /quarantine/{id}", 1, "ok"),
    ]
    for said in (PHONE["phoneNumber"], device, first["id"], entry["id"], first["eventId"]):
        assert said not in json.dumps(lines(logged))


async def test_nobody_waits_for_the_line(callers: Callers) -> None:
    said: list[str] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.extend([message["type"], *(line["event"] for line in logged)])

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/events",
        "raw_path": b"/events",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "headers": [(b"authorization", b"Bearer token-of-reader")],
        "state": {},
    }
    with capture_logs() as logged:
        await callers.app(scope, receive, send)
        await asyncio.sleep(0)
    assert said == ["http.response.start", "http.response.body"]
    [line] = lines(logged)
    assert (line["outcome"], line["credential"]) == ("ok", "the-reader")


async def test_a_read_that_is_refused_says_why(callers: Callers) -> None:
    with capture_logs() as logged:
        await callers.reader.post("/devices/retrieve", json={"device": PHONE})
        await callers.reader.post("/devices/retrieve", json={"device": {"phoneNumber": "x"}})
        await callers.reader.get("/events", params={"cursor": "x"})
        await callers.sink.get("/events")
        await callers.reader.get("/quarantine")
    assert [
        (line["credential"], line["call"], line["items"], line["outcome"]) for line in lines(logged)
    ] == [
        ("the-reader", "POST /devices/retrieve", 0, "identifier-not-found"),
        ("the-reader", "POST /devices/retrieve", 0, "invalid-argument"),
        ("the-reader", "GET /events", 0, "invalid-argument"),
        ("the-sink", "GET /events", 0, "permission-denied"),
        ("the-reader", "GET /quarantine", 0, "permission-denied"),
    ]


async def test_strangers_leave_no_line_each(callers: Callers) -> None:
    with capture_logs() as logged:
        for headers in ({}, {"authorization": "Bearer nobody's"}):
            assert (await callers.nobody.get("/events", headers=headers)).status_code == 401
    assert lines(logged) == []


async def test_every_guarded_call_is_audited(callers: Callers) -> None:
    contexts = iter_route_contexts(callers.app.routes)
    routes = [context.original_route for context in contexts]
    calls = [
        (method, route.path_format)
        for route in routes
        if isinstance(route, GuardedRoute)
        for method in route.methods or ()
    ]
    assert calls
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logged:
        for method, path in calls:
            path = path.replace("{deviceId}", "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa")
            target, headers = path.replace("{id}", "AAAAAAAAAAE"), {"x-correlator": "c"}
            # The head is all that is looked at: one answer has no end.
            async with callers.admin.stream(method, target, headers=headers):
                pass
    begun = [line for line in lines(logged) if line["action"] != "stream.end"]
    assert len(begun) == len(calls)
    assert {line["correlator"] for line in lines(logged)} == {"c"}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (IdentifierNotFound("x"), "identifier-not-found"),
        (RequestValidationError([]), "invalid-argument"),
        (ClientDisconnect(), "hung-up"),
        (LookupError("+99999991000"), "internal"),
        (asyncio.CancelledError(), "stopping"),
        (None, "stopping"),
    ],
)
def test_an_outcome_has_the_word_of_the_metrics(error: BaseException | None, outcome: str) -> None:
    class Somebody:
        name = "the-reader"

    request = Request({"type": "http", "state": {"credential": Somebody()}})
    read = Read(request, "questions.read", "GET /events")
    if error is not None:
        read.failed(error)
    with capture_logs() as logged:
        read.audit()
    [line] = lines(logged)
    assert (line["outcome"], line["items"]) == (outcome, 0)
