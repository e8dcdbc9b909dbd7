"""Every refusal over real HTTP: its answer, what is kept of it, and what is never told."""

import json
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.system.service import Installation, Service, bearer, notification, until

JSON = "application/json"
CLOUDEVENT = "application/cloudevents+json"
BODY_LIMIT = 262_144
CORRELATOR = "b4333c46-49c0-4f62-80d7-f0ef930f1c46"
NOBODYS_TOKEN = "dsr_nobody-was-ever-given-this-token"  # noqa: S105 - opens nothing

# Neither may come back in an answer, a log line or a reason.
SENT_NUMBER = "+99999990815"
SENT_VALUE = "zanzibar"
SENT = (SENT_NUMBER, SENT_NUMBER.removeprefix("+"), SENT_VALUE)


@pytest.fixture(scope="module")
def sink(shared_installation: Installation) -> str:
    return shared_installation.token("sink")


@pytest.fixture(scope="module")
def reader(shared_installation: Installation) -> str:
    return shared_installation.token("reader")


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
    return service.client.post(
        "/notifications",
        content=body,
        headers={"x-correlator": CORRELATOR, **media_types, **headers},
    )


def kept(installation: Installation, like: str) -> list[dict[str, Any]]:
    """What is in the quarantine of the test cases whose name is like that."""
    rows = installation.ask(
        "SELECT json_build_object('body', encode(body, 'hex'), 'headers', headers,"  # noqa: S608 - from this file
        " 'media_type', media_type, 'credential', credential, 'reason', reason)"
        f" FROM quarantine WHERE headers ->> 'x-test-case' LIKE '{like}'"
    )
    return [json.loads(row) for row in rows]


def test_a_call_without_a_token_is_unauthenticated(service: Service) -> None:
    answers = [
        post(service, impossible()),
        post(service, impossible(), authorization="Basic dXNlcjp3b3Jk"),
        service.client.get(f"/devices/{uuid4()}", headers={"x-correlator": CORRELATOR}),
        service.client.post(
            "/events/retrieve", json={"device": {}}, headers={"x-correlator": CORRELATOR}
        ),
    ]
    assert {(401, "UNAUTHENTICATED")} == {refusal(answer) for answer in answers}
    assert {"Bearer"} == {answer.headers["www-authenticate"] for answer in answers}


def test_a_token_nobody_was_given_is_unauthenticated(service: Service) -> None:
    answer = post(service, impossible(), **bearer(NOBODYS_TOKEN))
    assert refusal(answer) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert NOBODYS_TOKEN not in answer.text
    assert NOBODYS_TOKEN not in service.stderr


@pytest.fixture(scope="module")
def ending(service: Service, shared_installation: Installation) -> tuple[str, str]:
    """Two tokens of sinks: one to revoke, and one that expires in a few seconds."""
    expires_at = (datetime.now(UTC) + timedelta(seconds=6)).isoformat()
    create = ("credential", "create", "--role", "sink")
    leaver, brief = shared_installation.run_at_once(
        (*create, "leaver"), (*create, "brief", "--expires-at", expires_at)
    )
    assert (leaver.returncode, brief.returncode) == (0, 0)
    return leaver.stdout.strip(), brief.stdout.strip()


def first_refusal(service: Service, token: str) -> httpx.Response:
    """The first answer to a good notification, posted again and again, that is not 204."""
    answers: list[httpx.Response] = []

    def is_refused() -> bool:
        answers.append(post(service, json.dumps(notification("again")), **bearer(token)))
        return answers[-1].status_code != 204

    assert until(is_refused)
    return answers[-1]


def test_a_revoked_token_is_refused_within_seconds(
    service: Service, shared_installation: Installation, ending: tuple[str, str]
) -> None:
    token, _ = ending
    assert service.post(notification(), token).status_code == 204
    assert shared_installation.run("credential", "revoke", "leaver").returncode == 0
    answer = first_refusal(service, token)
    assert refusal(answer) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "revoked" in error_of(answer)["message"]


def test_a_token_is_refused_from_its_expiry_on(service: Service, ending: tuple[str, str]) -> None:
    _, token = ending
    answer = first_refusal(service, token)
    assert refusal(answer) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "expired" in error_of(answer)["message"]


def test_a_reader_may_not_post_and_a_sink_may_not_ask(
    service: Service, sink: str, reader: str
) -> None:
    headers = {"x-correlator": CORRELATOR, **bearer(sink)}
    device = {"device": {"phoneNumber": SENT_NUMBER}}
    answers = [
        post(service, impossible(), **bearer(reader)),
        service.client.post("/events/retrieve", json=device, headers=headers),
        service.client.post("/devices/retrieve", json=device, headers=headers),
        service.client.get(f"/devices/{uuid4()}", headers=headers),
        service.client.get(f"/devices/{uuid4()}/events", headers=headers),
    ]
    assert {(403, "PERMISSION_DENIED")} == {refusal(answer) for answer in answers}


def test_a_body_over_the_limit_is_refused_with_its_length_or_in_chunks(
    service: Service, sink: str
) -> None:
    event = notification()
    event["data"]["padding"] = "x" * 300 * 1024
    body = json.dumps(event).encode()

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(body), 8192):
            yield body[start : start + 8192]

    answers = [post(service, body, **bearer(sink)), post(service, chunks(), **bearer(sink))]
    assert [refusal(answer) for answer in answers] == [(413, "PAYLOAD_TOO_LARGE")] * 2
    assert "content-length" in answers[0].request.headers
    assert answers[1].request.headers["transfer-encoding"] == "chunked"


def test_a_body_of_exactly_the_limit_is_taken(service: Service, sink: str) -> None:
    event = notification()
    event["data"]["padding"] = ""
    event["data"]["padding"] = "x" * (BODY_LIMIT - len(json.dumps(event)))
    body = json.dumps(event).encode()
    assert len(body) == BODY_LIMIT
    assert post(service, body, **bearer(sink)).status_code == 204
    assert post(service, body + b" ", **bearer(sink)).status_code == 413


@pytest.mark.parametrize(
    ("token", "length", "status_line"),
    [
        (NOBODYS_TOKEN, 1000, b"HTTP/1.1 401 "),
        (None, BODY_LIMIT + 1, b"HTTP/1.1 413 "),
    ],
)
def test_what_the_head_decides_is_answered_before_the_body_is_sent(
    service: Service, sink: str, token: str | None, length: int, status_line: bytes
) -> None:
    parts = urlsplit(service.address)
    head = (
        f"POST /notifications HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {JSON}\r\n"
        f"Authorization: Bearer {token or sink}\r\nContent-Length: {length}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(status_line)


@dataclass(frozen=True, slots=True)
class Refused:
    """A body that is certainly wrong, and how its sender learns that."""

    body: bytes
    status: int
    named: str
    media_type: str | None = CLOUDEVENT


REFUSED = {
    "no-json-media-type": Refused(impossible(), 415, "Content-Type", "text/plain"),
    "no-media-type": Refused(impossible(), 415, "Content-Type", None),
    "broken-json": Refused(
        b'{"specversion": "1.0",\n "id": "' + SENT_VALUE.encode() + b'",\n  "data": oops}',
        400,
        "line 3 column ",
        JSON,
    ),
    "not-utf-8": Refused(b'{"' + SENT_VALUE.encode() + b'": "\xff"}', 400, "line 1 column "),
    "no-event": Refused(json.dumps({SENT_VALUE: SENT_NUMBER}).encode(), 400, "event"),
    "a-list": Refused(json.dumps([SENT_VALUE, SENT_NUMBER]).encode(), 400, "object"),
    "nothing": Refused(b"", 400, "JSON"),
    "impossible-roaming": Refused(impossible(roaming=SENT_VALUE), 400, "data.roaming"),
    "impossible-country": Refused(
        impossible(countryCode=[SENT_VALUE, SENT_NUMBER]), 400, "data.countryCode"
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
            service, refused.body, refused.media_type, **sent, **{"x-test-case": f"wrong-{name}"}
        )
        for name, refused in REFUSED.items()
    }
    rows = kept(shared_installation, "wrong-%")
    return {
        name: Outcome(
            refused,
            answers[name],
            [row for row in rows if row["headers"]["x-test-case"] == f"wrong-{name}"],
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


def test_a_wrong_body_is_kept_with_its_headers_but_without_the_senders_secrets(
    outcome: Outcome, sink: str
) -> None:
    (row,) = outcome.kept
    headers = {name.lower(): value for name, value in row["headers"].items()}
    assert headers["x-test-sender"] == "operator"
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
        service.client.post("/events/retrieve", json=question, headers=headers)
        for question in questions
    ]
    assert {(400, "INVALID_ARGUMENT")} == {refusal(answer) for answer in answers}
    unknown = service.client.post(
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
    body = impossible(roaming=SENT_VALUE)
    case = {"x-test-case": "stranger"}
    assert post(service, body, **case).status_code == 401
    assert post(service, body, **case, **bearer(NOBODYS_TOKEN)).status_code == 401
    assert post(service, body, **case, **bearer(reader)).status_code == 403
    large = body + b" " * BODY_LIMIT
    assert post(service, large, **case, **bearer(sink)).status_code == 413
    assert kept(shared_installation, "stranger") == []


def test_an_unknown_path_is_not_found(service: Service, sink: str) -> None:
    headers = {"x-correlator": CORRELATOR, **bearer(sink)}
    for path in ("/notification", "/notifications/", "/"):
        answer = service.client.post(path, content=impossible(), headers=headers)
        assert refusal(answer) == (404, "NOT_FOUND")


def test_a_wrong_method_is_named_so(service: Service, sink: str) -> None:
    headers = {"x-correlator": CORRELATOR, **bearer(sink)}
    answer = service.client.put("/notifications", content=impossible(), headers=headers)
    assert refusal(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("sent", [None, "", "two words", "x" * 257])
def test_a_correlator_that_is_not_well_formed_is_replaced(
    service: Service, sink: str, sent: str | None
) -> None:
    headers = bearer(sink) if sent is None else {"x-correlator": sent, **bearer(sink)}
    for path in ("/notifications", "/nowhere"):
        made = service.client.post(path, content=b"", headers=headers).headers["x-correlator"]
        assert made != sent
        assert re.fullmatch(r"[a-zA-Z0-9\-_:;./<>{}]{1,256}", made)
