"""What is certainly wrong: its answer, what is kept of it, and what is never told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.refusing import (
    BODY_LIMIT,
    CLOUDEVENT,
    CORRELATOR,
    JSON,
    NOBODYS_TOKEN,
    SENT,
    SENT_NUMBER,
    SENT_VALUE,
    error_of,
    impossible,
    post,
    refusal,
)
from tests.support.service import Installation, Service, bearer


def kept(installation: Installation, like: str) -> list[dict[str, Any]]:
    """What is in the quarantine of the test cases whose name is like that."""
    rows = installation.ask(
        "SELECT json_build_object('body', encode(body, 'hex'), 'headers', headers,"  # noqa: S608 - from this file
        " 'media_type', media_type, 'credential', credential, 'reason', reason)"
        f" FROM quarantine WHERE headers ->> 'user-agent' LIKE '{like}'"
    )
    return [json.loads(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Refused:
    """A body that is certainly wrong, and how its sender learns that."""

    body: bytes
    status: int
    named: str
    media_type: str | None = CLOUDEVENT


REFUSED = {
    "no-json-media-type": Refused(impossible(), 415, "Content-Type", "text/plain"),
    "broken-json": Refused(
        b'{"specversion": "1.0",\n "id": "' + SENT_VALUE.encode() + b'",\n  "data": oops}',
        400,
        "line 3 column ",
        JSON,
    ),
    "not-utf-8": Refused(b'{"' + SENT_VALUE.encode() + b'": "\xff"}', 400, "line 1 column "),
    "no-event": Refused(json.dumps({SENT_VALUE: SENT_NUMBER}).encode(), 400, "event"),
    "a-text": Refused(json.dumps(SENT_VALUE).encode(), 400, "object"),
    "nothing": Refused(b"", 400, "JSON"),
    "impossible-subscription": Refused(
        impossible(subscriptionId=[SENT_VALUE, SENT_NUMBER]), 400, "data.subscriptionId"
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one refused body: its answer, and what is kept of it."""

    refused: Refused
    answer: httpx.Response
    kept: list[dict[str, Any]]


@pytest.fixture(scope="module")
def outcomes(
    service: Service, shared_installation: Installation, sink: str
) -> Mapping[str, Outcome]:
    """The outcome of every refused body, by its name."""
    sent = {"x-test-sender": "operator", "cookie": "session=of-the-sender", **bearer(sink)}
    answers = {
        name: post(
            service, refused.body, refused.media_type, **sent, **{"user-agent": f"wrong-{name}"}
        )
        for name, refused in REFUSED.items()
    }
    rows = kept(shared_installation, "wrong-%")
    return {
        name: Outcome(
            refused,
            answers[name],
            [row for row in rows if row["headers"]["user-agent"] == f"wrong-{name}"],
        )
        for name, refused in REFUSED.items()
    }


@pytest.fixture(params=REFUSED)
def outcome(request: pytest.FixtureRequest, outcomes: Mapping[str, Outcome]) -> Outcome:
    """One after the other."""
    return outcomes[request.param]


def test_a_wrong_body_is_refused_and_its_fault_named(outcome: Outcome) -> None:
    status = outcome.refused.status
    code = {400: "INVALID_ARGUMENT", 415: "UNSUPPORTED_MEDIA_TYPE"}[status]
    assert refusal(outcome.answer) == (status, code)
    assert outcome.refused.named in error_of(outcome.answer)["message"]


def test_a_wrong_body_is_kept_to_the_byte_with_its_reason(outcome: Outcome) -> None:
    (row,) = outcome.kept
    assert bytes.fromhex(row["body"]) == outcome.refused.body
    assert row["media_type"] == outcome.refused.media_type
    assert row["credential"] == "first-sink"
    assert row["reason"] == error_of(outcome.answer)["message"]


def test_a_wrong_body_is_kept_with_listed_headers_and_without_the_senders_secrets(
    outcome: Outcome, sink: str
) -> None:
    (row,) = outcome.kept
    headers = {name.lower(): value for name, value in row["headers"].items()}
    assert "x-test-sender" not in headers
    assert headers["x-correlator"] == CORRELATOR
    assert headers.get("content-type") == outcome.refused.media_type
    assert not {"authorization", "cookie"} & headers.keys()
    assert sink not in json.dumps(row)


def test_no_answer_log_or_reason_repeats_what_was_sent(
    outcome: Outcome, service: Service, shared_installation: Installation, sink: str
) -> None:
    (row,) = outcome.kept
    told = outcome.answer.text + repr(outcome.answer.headers) + row["reason"] + service.stderr
    told += (shared_installation.data_dir / "postgres.log").read_text()
    assert [secret for secret in (*SENT, sink) if secret in told] == []


def test_a_refused_question_repeats_nothing_that_was_asked(service: Service, reader: str) -> None:
    headers = {"x-correlator": CORRELATOR, **bearer(reader)}
    questions: list[dict[str, Any]] = [
        {"device": {"phoneNumber": f"{SENT_NUMBER}x"}},
        {"device": {"phoneNumber": SENT_NUMBER}, "limit": 0},
        {"device": {"phoneNumber": SENT_NUMBER}, "kind": [SENT_VALUE]},
        {"device": {"phoneNumber": SENT_NUMBER}, "cursor": SENT_VALUE},
        {"device": {"phoneNumber": SENT_NUMBER}, "occurredFrom": SENT_VALUE},
    ]
    answers = [
        service.http.post("/events/retrieve", json=question, headers=headers)
        for question in questions
    ]
    assert {(400, "INVALID_ARGUMENT")} == {refusal(answer) for answer in answers}
    unknown = service.http.post(
        "/events/retrieve",
        json=questions[0] | {"device": {"phoneNumber": SENT_NUMBER}},
        headers=headers,
    )
    assert refusal(unknown) == (404, "IDENTIFIER_NOT_FOUND")
    told = "".join(answer.text for answer in (*answers, unknown)) + service.stderr
    assert [secret for secret in (*SENT, reader) if secret in told] == []


def test_what_a_stranger_or_too_much_sent_is_not_kept(
    service: Service, shared_installation: Installation, sink: str, reader: str
) -> None:
    body = impossible(subscriptionId=[SENT_VALUE])
    case = {"user-agent": "stranger"}
    assert post(service, body, **case).status_code == 401
    assert post(service, body, **case, **bearer(NOBODYS_TOKEN)).status_code == 401
    assert post(service, body, **case, **bearer(reader)).status_code == 403
    large = body + b" " * BODY_LIMIT
    assert post(service, large, **case, **bearer(sink)).status_code == 413
    assert kept(shared_installation, "stranger") == []
