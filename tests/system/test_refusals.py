"""Who and what is refused at the door, over real HTTP; wrong bodies: `test_refused_bodies.py`."""

import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.support.refusing import (
    BODY_LIMIT,
    CORRELATOR,
    JSON,
    NOBODYS_TOKEN,
    SENT_NUMBER,
    error_of,
    impossible,
    post,
    refusal,
)
from tests.support.service import Installation, Service, bearer, notification, until


def test_a_call_without_a_token_is_unauthenticated(service: Service) -> None:
    answers = [
        post(service, impossible()),
        post(service, impossible(), authorization="Basic dXNlcjp3b3Jk"),
        service.http.get(f"/devices/{uuid4()}", headers={"x-correlator": CORRELATOR}),
        service.http.post(
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
    expires_at = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    create = shared_installation.create
    return create("leaver", "sink"), create("brief", "sink", "--expires-at", expires_at)


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
    assert service.post(notification(), token) == 204
    assert shared_installation.run_here("credential", "revoke", "leaver").returncode == 0
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
        service.http.post("/events/retrieve", json=device, headers=headers),
        service.http.post("/devices/retrieve", json=device, headers=headers),
        service.http.get(f"/devices/{uuid4()}", headers=headers),
        service.http.get(f"/devices/{uuid4()}/events", headers=headers),
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


def test_an_unknown_path_is_not_found(service: Service, sink: str) -> None:
    headers = {"x-correlator": CORRELATOR, **bearer(sink)}
    for path in ("/notification", "/notifications/1", "/"):
        answer = service.http.post(path, content=impossible(), headers=headers)
        assert refusal(answer) == (404, "NOT_FOUND")


def test_a_wrong_method_is_named_so(service: Service, sink: str) -> None:
    headers = {"x-correlator": CORRELATOR, **bearer(sink)}
    answer = service.http.put("/notifications", content=impossible(), headers=headers)
    assert refusal(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("sent", [None, "", "two words", "x" * 257])
def test_a_correlator_that_is_not_well_formed_is_replaced(
    service: Service, sink: str, sent: str | None
) -> None:
    headers = bearer(sink) if sent is None else {"x-correlator": sent, **bearer(sink)}
    for path in ("/notifications", "/nowhere"):
        made = service.http.post(path, content=b"", headers=headers).headers["x-correlator"]
        assert made != sent
        assert re.fullmatch(r"[a-zA-Z0-9\-_:;./<>{}]{1,256}", made)
