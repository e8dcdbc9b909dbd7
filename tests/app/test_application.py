"""What every answer has in common, health, and the OpenAPI."""

import re
from typing import Any

import psycopg
import pytest
from structlog.testing import capture_logs

from receiver.api.camara.versions import list_versions
from receiver.errors import IdentifierAmbiguous
from receiver.events.examples import NOTIFICATION
from receiver.settings.settings import Settings
from receiver.store.derived.derivation import DERIVATION
from tests.support.callers import Callers
from tests.support.tables import change

PATHS = {
    "/notifications",
    "/devices",
    "/devices/forget",
    "/devices/retrieve",
    "/devices/summary",
    "/devices/{deviceId}",
    "/devices/{deviceId}/events",
    "/devices/{deviceId}/availability",
    "/devices/{deviceId}/intervals",
    "/devices/{deviceId}/roaming-sessions",
    "/devices/{deviceId}/status",
    "/events",
    "/events/export",
    "/events/stream",
    "/events/retrieve",
    "/events/{id}",
    "/quarantine",
    "/quarantine/{id}",
    "/quarantine/{id}/reprocess",
    "/livez",
    "/metrics",
    "/readyz",
    "/senders",
    "/status/retrieve",
    "/subscriptions",
}
# Listed by `tests/api/camara/test_version_laws.py`; the releases before 0.6 have no 422.
RETRIEVE_CALLS = list_versions(Settings())
PATHS |= {version.path for version in RETRIEVE_CALLS}
AMBIGUOUS = {"POST /devices/forget", "POST /devices/retrieve", "POST /status/retrieve"} | {
    f"POST {version.path}"
    for version in RETRIEVE_CALLS
    if version.wordings[IdentifierAmbiguous].status == 422
}
OPEN_TO_ALL = {"GET /livez", "GET /metrics", "GET /readyz", "OPTIONS /notifications"}


@pytest.mark.parametrize("path", ["/livez", "/nowhere", "/notifications"])
async def test_a_well_formed_correlator_is_echoed_on_every_answer(
    shared_callers: Callers, path: str
) -> None:
    answer = await shared_callers.nobody.get(path, headers={"x-correlator": "trace:4711/<a>"})
    assert answer.headers["x-correlator"] == "trace:4711/<a>"


@pytest.mark.parametrize("sent", [None, "", "has space", "a" * 257, "tab\tbed"])
async def test_a_missing_or_malformed_correlator_is_replaced(
    shared_callers: Callers, sent: str | None
) -> None:
    headers = {} if sent is None else {"x-correlator": sent}
    answer = await shared_callers.nobody.get("/livez", headers=headers)
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-correlator"])


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("GET", "/notifications", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/events/retrieve", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/notifications/", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/notifications%0a", 404, "NOT_FOUND"),
        ("GET", "/events%0a", 404, "NOT_FOUND"),
        ("GET", "/livez%0d", 404, "NOT_FOUND"),
        ("GET", "/%00", 404, "NOT_FOUND"),
    ],
)
async def test_an_unknown_path_or_method_is_an_error_of_camaras_shape(
    shared_callers: Callers, method: str, path: str, status: int, code: str
) -> None:
    answer = await shared_callers.nobody.request(method, path)
    assert answer.status_code == status
    body = answer.json()
    assert set(body) == {"status", "code", "message"}
    assert (body["status"], body["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs"])
async def test_head_answers_as_get_does_without_a_body(shared_callers: Callers, path: str) -> None:
    got = await shared_callers.nobody.get(path)
    head = await shared_callers.nobody.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert (await shared_callers.nobody.head("/devices/retrieve")).status_code == 405


@pytest.mark.parametrize("path", ["/notifications/", "//notifications", "//notifications//"])
async def test_slashes_too_many_are_taken_for_the_sink(shared_callers: Callers, path: str) -> None:
    url = f"{shared_callers.nobody.base_url}".rstrip("/") + path
    answer = await shared_callers.sink.post(url, json=NOTIFICATION)
    assert answer.status_code == 204
    assert len(await shared_callers.history(device={"phoneNumber": "+99999991000"})) == 1


async def test_a_fault_of_our_own_is_a_500_that_tells_nothing(
    callers: Callers,
) -> None:
    async def broken() -> None:
        raise RuntimeError("".join(("+99999", "991000")))

    callers.app.add_api_route("/broken", broken)
    with capture_logs() as logged:
        answer = await callers.nobody.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "x-correlator" in answer.headers
    assert [line["error"] for line in logged] == ["RuntimeError"]
    assert "+99999991000" not in f"{answer.text}{logged}"


async def test_livez_says_alive_and_readyz_ready(shared_callers: Callers) -> None:
    assert (await shared_callers.nobody.get("/livez")).json() == {"status": "alive"}
    ready = (await shared_callers.nobody.get("/readyz")).json()
    assert (ready["status"], ready["projection"]["derivation"]) == ("ready", DERIVATION)


UNREADY = [
    ("UPDATE alembic_version SET version_num = '0001'", "migrations are pending"),
    ("DROP TABLE alembic_version", "the database is not migrated"),
]


@pytest.mark.parametrize(("fault", "reason"), UNREADY)
async def test_readyz_gives_its_reasons(
    callers: Callers, conninfo: str, fault: str, reason: str
) -> None:
    await change(conninfo, fault)
    answer = await callers.nobody.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, [reason])
    assert "retry-after" in answer.headers


async def test_readyz_misses_the_partition_of_this_month(callers: Callers, conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        # Held, so that nobody makes it anew before the question is asked.
        connection.execute("SELECT pg_advisory_lock(hashtext('receiver partitions'))")
        [name] = connection.execute(
            "SELECT 'event_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')"
        ).fetchall()
        await change(conninfo, f"DROP TABLE {name[0]}")
        answer = await callers.nobody.get("/readyz")
    assert answer.json()["reasons"] == ["the partition of this month is missing"]


def operations(openapi: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in openapi["paths"].items()
        for method, operation in item.items()
    }


async def test_the_openapi_describes_every_call_with_its_errors(shared_callers: Callers) -> None:
    openapi = (await shared_callers.nobody.get("/openapi.json")).json()
    assert set(openapi["paths"]) == PATHS
    for name, operation in operations(openapi).items():
        assert operation["summary"], name
        assert ("422" in operation["responses"]) == (name in AMBIGUOUS)
        if name not in OPEN_TO_ALL:
            assert [*operation["security"][0]] == ["HTTPBearer"], name
            assert {"401", "403", "429", "503", "default"} <= set(operation["responses"]), name
    sink = operations(openapi)["POST /notifications"]
    assert set(sink["requestBody"]["content"]) == {
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/json",
    }
    assert set(sink["responses"]) == {
        "204", "400", "401", "403", "408", "413", "415", "429", "503", "default",
    }  # fmt: skip


async def test_the_examples_of_the_openapi_are_true(callers: Callers) -> None:
    openapi = (await callers.nobody.get("/openapi.json")).json()
    content = operations(openapi)["POST /notifications"]["requestBody"]["content"]
    for media_type, described in content.items():
        answer = await callers.post(described["example"], headers={"content-type": media_type})
        assert answer.status_code == 204
    schemas = openapi["components"]["schemas"]
    for path, schema in (
        ("/events/retrieve", "RetrieveEvents"),
        ("/devices/retrieve", "RetrieveDevice"),
        ("/status/retrieve", "RetrieveDevice"),
    ):
        answer = await callers.reader.post(path, json=schemas[schema]["example"])
        assert answer.status_code == 200
    [event] = await callers.history(device={"phoneNumber": "+99999991000"}, kind="roaming")
    example = schemas["Event"]["example"]
    ours = {"id", "deviceId", "receivedAt", "credential", "deliveries"}
    assert set(event) == set(example)
    assert {name: event[name] for name in set(event) - ours} == {
        name: example[name] for name in set(example) - ours
    }
