"""Every error as an `ErrorInfo`."""

import asyncio
import json

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from receiver.api.answers.errors import (
    DOCUMENTED,
    ErrorInfo,
    LastResort,
    answer_to,
    describe_error_info,
    documented,
)
from receiver.api.answers.translation import ANSWERS
from receiver.errors import NotificationRefused, QueueFull

SECRET = "+99999991000"  # noqa: S105 - a phone number


def test_an_answer_is_the_error_as_a_value() -> None:
    answer = answer_to(QueueFull("too many wait"))
    assert (answer.status, answer.reason) == (503, "queue-full")
    assert dict(answer.headers)[b"retry-after"] == b"5"
    assert dict(answer.headers)[b"content-length"] == b"%d" % len(answer.body)
    assert ErrorInfo.model_validate_json(answer.body).code == "UNAVAILABLE"


def test_an_unforeseen_error_is_500_and_neither_answer_nor_log_holds_its_text() -> None:
    with capture_logs() as lines:
        answer = answer_to(ValueError(SECRET))
    assert (answer.status, answer.reason) == (500, "internal")
    assert SECRET not in answer.body.decode()
    assert [line["error"] for line in lines] == ["ValueError"]
    assert SECRET not in str(lines)


@pytest.mark.parametrize(
    ("error", "status", "code", "reason"),
    [
        (NotificationRefused("not JSON"), 400, "INVALID_ARGUMENT", "notification-refused"),
        (HTTPException(404), 404, "NOT_FOUND", "not-found"),
        (HTTPException(405), 405, "METHOD_NOT_ALLOWED", "method-not-allowed"),
        (HTTPException(418), 418, "I'M_A_TEAPOT", "i'm-a-teapot"),
        (ClientDisconnect(), 400, "INVALID_ARGUMENT", "hung-up"),
    ],
)
def test_a_foreseen_error_has_its_status_code_and_reason(
    error: Exception, status: int, code: str, reason: str
) -> None:
    answer = answer_to(error)
    said = json.loads(answer.body)
    assert (answer.status, said["code"], answer.reason) == (status, code, reason)


def test_a_message_is_never_longer_than_camara_allows() -> None:
    said = json.loads(answer_to(NotificationRefused(1000 * "x")).body)
    assert len(said["message"]) == 512


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "body: not JSON in UTF-8"),
        (404, "Nothing is served at this path"),
        (405, "The path does not take this method"),
    ],
)
def test_what_the_framework_refuses_is_told_in_a_sentence(status: int, message: str) -> None:
    assert json.loads(answer_to(HTTPException(status)).body)["message"] == message


def test_a_documented_error_refers_to_its_component_and_makes_no_serializer() -> None:
    for said in documented(*DOCUMENTED).values():
        reference = said["content"]["application/json"]["schema"]["$ref"]
        assert reference.removeprefix("#/components/schemas/") in describe_error_info()
        assert "model" not in said


def test_the_example_of_each_documented_error_is_one_that_is_given() -> None:
    given = {(int(status), code) for status, code, _ in ANSWERS.values()}
    given |= {(405, json.loads(answer_to(HTTPException(405)).body)["code"])}
    assert {(status, error.code) for status, error in DOCUMENTED.items()} <= given


async def test_the_last_resort_answers_500_only_where_no_answer_has_begun() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/begun":
            await PlainTextResponse("begun")(scope, receive, send)
        raise ValueError(SECRET)

    transport = httpx.ASGITransport(LastResort(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answers = [(await client.get(path)) for path in ("/begun", "/not-begun")]
    assert [answer.status_code for answer in answers] == [200, 500]
    assert SECRET not in answers[1].text


async def test_a_request_that_is_cancelled_at_a_stop_is_503() -> None:
    begun = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/begun":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        begun.set()
        await asyncio.Event().wait()

    async def stop(path: str) -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {"type": "http", "path": path, "headers": []}
        begun.clear()
        request = asyncio.create_task(LastResort(app)(scope, receive_nothing, send))
        await begun.wait()
        request.cancel()
        await request
        return sent

    start, body = await stop("/not-begun")
    assert start["status"] == 503
    assert json.loads(body["body"])["code"] == "UNAVAILABLE"
    assert [message["status"] for message in await stop("/begun")] == [200]


async def receive_nothing() -> Message:
    raise AssertionError("the body is not read")
