"""Requests that are refused, and what every refusal has."""

import json
from typing import Any

import httpx

from tests.support.service import Service, notification

JSON = "application/json"
CLOUDEVENT = "application/cloudevents+json"
BODY_LIMIT = 262_144
CORRELATOR = "b4333c46-49c0-4f62-80d7-f0ef930f1c46"
NOBODYS_TOKEN = "dsr_nobody-was-ever-given-this-token"  # noqa: S105 - opens nothing

# Neither may come back in an answer, a log line or a reason.
SENT_NUMBER = "+99999990815"
SENT_VALUE = "zanzibar"
SENT = (SENT_NUMBER, SENT_NUMBER.removeprefix("+"), SENT_VALUE)


def impossible(**said: object) -> bytes:
    """A notification of a known type that says something it cannot say."""
    event = notification(phone_number=SENT_NUMBER)
    event["data"] |= said
    return json.dumps(event).encode()


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The ErrorInfo of an answer, which has exactly its three members."""
    error: dict[str, Any] = answer.json()
    assert error.keys() == {"status", "code", "message"}
    assert error["status"] == answer.status_code
    assert answer.headers["content-type"] == "application/json"
    assert isinstance(error["message"], str)
    assert 0 < len(error["message"]) <= 512
    return error


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer to a request that carried the correlator."""
    assert answer.headers["x-correlator"] == CORRELATOR
    return answer.status_code, error_of(answer)["code"]


def post(
    service: Service, body: Any, media_type: str | None = CLOUDEVENT, **headers: str
) -> httpx.Response:
    media_types = {} if media_type is None else {"content-type": media_type}
    return service.http.post(
        "/notifications",
        content=body,
        headers={"x-correlator": CORRELATOR, **media_types, **headers},
    )
