"""A slip in the sink's URL costs no notification, and tells a stranger nothing."""

import json
import re

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from receiver.api.sink.wrong_paths import ADVICE
from receiver.app.application import create_app
from receiver.events.examples import NOTIFICATION
from receiver.settings.settings import Settings
from tests.support.callers import Callers
from tests.support.refused import listed, reprocessed
from tests.support.tables import away

KEPT = "SELECT reason, credential, body FROM quarantine ORDER BY id"
BODY = json.dumps(NOTIFICATION).encode()
JSON = {"content-type": "application/cloudevents+json"}
PATHS = (
    *("/", "/Notifications", "/notification", "/notifications/x", "/notifications;x"),
    *("/webhook", "/api/notifications", "/notifications%0a", "/%2B99999991000", "/events"),
)
MISSED = [
    *(("POST", path) for path in PATHS),
    *((method, path) for method in ("PUT", "PATCH") for path in ("/notifications", "/webhook")),
]
TOKENS = {
    "none": None, "no bearer": "Basic x", "unknown": "Bearer nobody's",
    "a reader's": "Bearer token-of-reader", "an admin's": "Bearer token-of-admin",
}  # fmt: skip


def kept(conninfo: str) -> list[tuple[str, str, bytes]]:
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(KEPT).fetchall()
    return [(reason, credential, bytes(body)) for reason, credential, body in rows]


def in_process(app: FastAPI, token: str) -> httpx.AsyncClient:
    """A client of another server than ours."""
    headers = {"authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://x.invalid", headers=headers)


@pytest.mark.parametrize(("method", "path"), MISSED)
async def test_a_notification_to_a_wrong_path_is_refused_and_kept_and_can_be_stored(
    emptied_callers: Callers, callers_conninfo: str, method: str, path: str
) -> None:
    answer = await emptied_callers.sink.request(method, path, content=BODY, headers=JSON)
    refused = await emptied_callers.nobody.request(method, path, content=BODY, headers=JSON)
    assert answer.status_code == refused.status_code in {404, 405}
    word = "wrong-path" if answer.status_code == 404 else "wrong-method"
    assert kept(callers_conninfo) == [(f"{word}: {ADVICE}", "the-sink", BODY)]
    assert [item["state"] for item in await reprocessed(emptied_callers)] == ["stored"]
    [event] = await emptied_callers.history(device={"phoneNumber": "+99999991000"})
    assert (event["credential"], event["deliveries"]) == ("the-sink", 1)
    [entry] = await listed(emptied_callers)
    assert event["receivedAt"] == entry["receivedAt"]


async def test_it_is_counted_as_a_notification_for_the_alert(callers: Callers) -> None:
    for method in ("POST", "PUT"):
        await callers.sink.request(method, "/notifications/x", content=BODY, headers=JSON)
    await callers.sink.put("/notifications", content=BODY, headers=JSON)
    await callers.nobody.post("/notifications/x", content=BODY, headers=JSON)
    counted = (await callers.nobody.get("/metrics")).text
    series = 'receiver_answers_total{call="%s",reason="%s",status="%s"} %s'
    assert series % ("notifications", "wrong-path", "404", "2.0") in counted
    assert series % ("notifications", "wrong-method", "405", "1.0") in counted
    assert series % ("other", "not-found", "404", "1.0") in counted
    assert 'receiver_quarantined_notifications_total{credential="the-sink"} 3.0' in counted


async def test_a_batch_and_binary_mode_are_stored_from_there_too(emptied_callers: Callers) -> None:
    batch = [NOTIFICATION, {**NOTIFICATION, "id": "another"}]
    kind = {"content-type": "application/cloudevents-batch+json"}
    binary = {
        "ce-specversion": "1.0", "ce-id": "third", "ce-source": "//x",
        "ce-type": str(NOTIFICATION["type"]),
    }  # fmt: skip
    await emptied_callers.sink.post("/", json=batch, headers=kind)
    await emptied_callers.sink.post("/", json=NOTIFICATION["data"], headers=binary)
    assert [item["state"] for item in await reprocessed(emptied_callers)] == ["stored", "stored"]
    assert len(await emptied_callers.history(device={"phoneNumber": "+99999991000"})) == 3


def without_correlator(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    changing = {"x-correlator", "date", "server"}
    headers = {name: value for name, value in answer.headers.items() if name not in changing}
    return answer.status_code, headers, answer.content


@pytest.mark.parametrize(("method", "path"), MISSED)
async def test_a_stranger_gets_the_same_answer_whatever_its_token(
    shared_callers: Callers, callers_conninfo: str, method: str, path: str
) -> None:
    before = kept(callers_conninfo)
    answers = []
    for token in (*TOKENS.values(), "Bearer token-of-sink"):
        headers = JSON if token is None else {**JSON, "authorization": token}
        answer = await shared_callers.nobody.request(method, path, content=BODY, headers=headers)
        answers.append(without_correlator(answer))
    assert [answer for answer in answers if answer != answers[0]] == []
    [*others, (_, credential, body)] = kept(callers_conninfo)
    assert (others, credential, body) == (before, "the-sink", BODY)


async def test_guessing_there_counts_as_an_attempt_and_gets_the_same_answer_beyond_the_limit(
    callers: Callers, settings: Settings
) -> None:
    app = create_app(settings.model_copy(update={"attempts_limit": 2}))
    async with app.router.lifespan_context(app), in_process(app, "nobody's") as stranger:
        guesses = [(await stranger.post("/webhook")).status_code for _ in range(4)]
        refused = await stranger.post("/notifications")
    assert (guesses, refused.status_code) == ([404] * 4, 429)


async def test_what_cannot_be_kept_is_told_as_the_sink_tells_it(
    callers: Callers, conninfo: str
) -> None:
    large = await callers.sink.post("/", content=b" " * 300_000, headers=JSON)
    assert (large.status_code, large.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    async with away(conninfo, "quarantine"):
        answer = await callers.sink.post("/", content=BODY, headers=JSON)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    async with away(conninfo, "credential"):
        unsure = {**JSON, "authorization": "Bearer nobody's"}
        assert (await callers.nobody.post("/", content=BODY, headers=unsure)).status_code == 503
    assert kept(conninfo) == []


async def test_the_rate_of_a_credential_holds_there_too(
    conninfo: str, callers: Callers, settings: Settings
) -> None:
    app = create_app(settings.model_copy(update={"rate_limit": 0.1}))
    async with app.router.lifespan_context(app), in_process(app, "token-of-sink") as sender:
        first = await sender.post("/webhook", content=BODY, headers=JSON)
        second = await sender.post("/webhook", content=BODY, headers=JSON)
    assert [first.status_code, second.status_code] == [404, 429]
    assert len(kept(conninfo)) == 1


async def test_a_credential_has_one_line_a_minute_in_the_log(callers: Callers) -> None:
    with capture_logs() as lines:
        for path in PATHS:
            await callers.sink.post(path, content=BODY, headers=JSON)
    assert [line for line in lines if line.get("credential") == "the-sink"] == [
        {
            "event": "notification sent to a wrong path",
            "credential": "the-sink",
            "log_level": "warning",
        }
    ]
    assert not re.search(r"99999991000|webhook", f"{lines}")


async def test_the_body_of_a_stranger_is_not_read(shared_callers: Callers) -> None:
    async def receive() -> dict[str, object]:
        raise AssertionError("the body was asked for")

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    for token in (b"Bearer nobody's", b"Bearer token-of-reader", b"Basic x"):
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/webhook",
            "raw_path": b"/webhook",
            "query_string": b"",
            "headers": [(b"authorization", token), (b"content-length", b"99")],
            "client": ("192.0.2.1", 1),
            "http_version": "1.1",
            "scheme": "http",
        }
        await shared_callers.app(scope, receive, send)  # type: ignore[arg-type]
    assert [message["status"] for message in sent if "status" in message] == [404, 404, 404]
