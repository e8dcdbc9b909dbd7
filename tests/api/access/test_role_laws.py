"""Roles × routes: whoever may make a call is answered, and nobody else."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from receiver.api.console.screens import Screen
from receiver.store.credentials.credentials import Role
from tests.support.callers import Callers
from tests.support.described import Operation, make_app, operations

NOBODY = "nobody"
ANYONE = {NOBODY, *Role}
SINK = {"sink"}
READERS = {"reader", "registrar", "admin"}
REGISTRARS = {"registrar", "admin"}
ADMIN = {"admin"}

# The least role by those who may.
LEAST = {
    frozenset(ANYONE): [],
    frozenset(SINK): ["sink"],
    frozenset(READERS): ["reader"],
    frozenset(REGISTRARS): ["registrar"],
    frozenset(ADMIN): ["admin"],
}

# Every route has its line; `test_every_route_has_its_line` says which is missing.
MATRIX: dict[str, set[str]] = {
    "POST /notifications": SINK,
    "OPTIONS /notifications": ANYONE,
    "POST /devices/retrieve": READERS,
    "GET /devices/{deviceId}": READERS,
    "DELETE /devices/{deviceId}": ADMIN,
    "POST /devices/forget": ADMIN,
    "POST /status/retrieve": READERS,
    "GET /devices/{deviceId}/status": READERS,
    "GET /devices": READERS,
    "GET /devices/summary": READERS,
    "GET /devices/{deviceId}/intervals": READERS,
    "GET /devices/{deviceId}/roaming-sessions": READERS,
    "GET /devices/{deviceId}/availability": READERS,
    "POST /device-status/v0/connectivity": READERS,
    "POST /device-status/v0/roaming": READERS,
    "POST /device-status/v0.6alpha1/retrieve-connectivity-status": READERS,
    "POST /device-status/v0.6alpha1/retrieve-roaming-status": READERS,
    "POST /device-reachability-status/v0.6/retrieve": READERS,
    "POST /device-reachability-status/v1/retrieve": READERS,
    "POST /device-reachability-status/v1rc3/retrieve": READERS,
    "POST /device-roaming-status/v0.6/retrieve": READERS,
    "POST /device-roaming-status/v1/retrieve": READERS,
    "POST /device-roaming-status/v1rc3/retrieve": READERS,
    "POST /connected-network-type/v0.1/retrieve": READERS,
    "POST /connected-network-type/v0.2/retrieve": READERS,
    "POST /connected-network-type/v0.3rc1/retrieve": READERS,
    "POST /camara/device-status/v050/connectivity": READERS,
    "POST /camara/device-status/v050/roaming": READERS,
    "POST /camara/orange-lab/device-reachability-status/v0/retrieve": READERS,
    "POST /device-status/device-reachability-status/v1/retrieve": READERS,
    "POST /device-status/device-roaming-status/v1/retrieve": READERS,
    "GET /subscriptions": READERS,
    "POST /subscriptions": REGISTRARS,
    "GET /events": READERS,
    "GET /events/stream": READERS,
    "GET /events/{id}": READERS,
    "GET /events/export": READERS,
    "GET /devices/{deviceId}/events": READERS,
    "POST /events/retrieve": READERS,
    "GET /senders": READERS,
    "GET /quarantine": ADMIN,
    "GET /quarantine/{id}": ADMIN,
    "POST /quarantine/{id}/reprocess": ADMIN,
    "GET /livez": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": ANYONE,
    "GET /openapi.json": ANYONE,
    "GET /docs": ANYONE,
    "GET /docs/initializer.js": ANYONE,
    "GET /docs/swagger-ui-bundle.js": ANYONE,
    "GET /docs/swagger-ui.css": ANYONE,
    "GET /docs/favicon-32x32.png": ANYONE,
}

# A method and a path that have a route of the framework's own.
NO_CALL = {"HEAD /openapi.json"}


def list_routes(app: FastAPI) -> Iterator[str]:
    """Yields method and path of every route, described or not, but those of pages.

    `tests/api/console/test_routes.py` asks who is let in there.
    """
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Screen):
            continue
        path = re.sub(r":\w+\}", "}", str(context.path))
        for method in context.methods or ():
            yield f"{method} {path}"


def test_every_route_has_its_line() -> None:
    assert set(list_routes(make_app())) - NO_CALL == MATRIX.keys()


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.name)
def test_the_openapi_names_the_least_role_that_may_make_a_call(operation: Operation) -> None:
    assert operation.roles == LEAST[frozenset(MATRIX[operation.name])]


async def test_whoever_may_make_a_call_is_answered_and_nobody_else(callers: Callers) -> None:
    wrong = []
    for call, may in MATRIX.items():
        method, path = call.split(" ")
        target = path.replace("{deviceId}", str(uuid4())).replace("{id}", "x")
        body: object = {} if method == "POST" else None
        for caller in [NOBODY, *Role]:
            headers = {} if caller == NOBODY else {"authorization": f"Bearer token-of-{caller}"}
            asked = callers.nobody.stream(method, target, headers=headers, json=body)
            # The head is all that is looked at: one answer has no end.
            async with asked as answer:
                pass
            is_refused = answer.status_code in {401, 403}
            expected = None if caller in may else 401 if caller == NOBODY else 403
            if is_refused != (expected is not None) or expected not in {None, answer.status_code}:
                wrong.append(f"{caller}: {call}: {answer.status_code}")
            assert answer.status_code < 500, call
    assert wrong == []
