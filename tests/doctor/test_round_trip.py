"""The round trip: what it posts and asks, what it says of wrong answers, and that nothing stays."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from receiver.doctor.diagnosis import CheckState
from receiver.doctor.round_trip import post_and_read_back
from receiver.errors import Unavailable
from receiver.store.credentials.credentials import (
    Credential,
    Role,
    create_credential,
    list_credentials,
    token_digest,
)
from receiver.store.credentials.names import is_trial_name
from tests.support.bodies import understood
from tests.support.described import schemas

POST, READ = "/notifications", "/events/retrieve"


def page_of(event_id: str) -> bytes:
    """An answer with one event."""
    event = {**schemas()["Event"]["example"], "eventId": event_id}
    return json.dumps({"items": [event]}).encode()


@dataclass(slots=True)
class FakeService:
    """Answers a round trip as a test wants.

    Attributes:
        answers: status and body by path; a status of 0 hangs up.
        requests: what arrived: the body and the credential of its token, by path.
    """

    conninfo: str
    url: str = ""
    answers: dict[str, tuple[int, bytes | None]] = field(default_factory=dict)
    requests: dict[str, tuple[dict[str, Any], Credential]] = field(default_factory=dict)

    def note(self, path: str, body: bytes, authorization: str) -> None:
        digest = token_digest(authorization.removeprefix("Bearer "))
        [sender] = [one for one in list_credentials(self.conninfo) if one.token_digest == digest]
        self.requests[path] = json.loads(body), sender

    def answer(self, path: str) -> tuple[int, bytes]:
        status, body = self.answers.get(path, (204 if path == POST else 200, None))
        if body is not None:
            return status, body
        posted, _ = self.requests[POST]
        return status, page_of(posted["id"])


@pytest.fixture
def service(conninfo: str) -> Iterator[FakeService]:
    fake = FakeService(conninfo)
    with running(fake):
        yield fake


@contextmanager
def running(fake: FakeService) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            fake.note(self.path, body, self.headers["authorization"])
            status, content = fake.answer(self.path)
            if status == 0:
                return
            self.send_response(status)
            self.send_header("content-length", "0" if status == 204 else str(len(content)))
            self.end_headers()
            self.wfile.write(b"" if status == 204 else content)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_what_was_posted_and_found_again_is_well(service: FakeService, conninfo: str) -> None:
    found = post_and_read_back(conninfo, service.url)
    assert found.state is CheckState.OK
    assert found.message.startswith(f"{service.url} stored a notification")


@pytest.mark.parametrize("end", ["/", "/notifications", "/notifications/"])
def test_the_url_of_the_sink_means_its_service(
    service: FakeService, conninfo: str, end: str
) -> None:
    found = post_and_read_back(conninfo, service.url + end)
    assert found.message.startswith(f"{service.url} stored a notification")


def test_the_trial_is_a_clean_notification_about_a_phone_of_no_country(
    service: FakeService, conninfo: str
) -> None:
    post_and_read_back(conninfo, service.url)
    posted, _ = service.requests[POST]
    event = understood(json.dumps(posted).encode())
    # The clock of this test's parser stands in the past.
    assert set(event.findings) <= {"time-in-future"}
    number = event.device.phone_number or ""
    assert number.startswith("+99999")
    question, _ = service.requests[READ]
    assert question == {"device": {"phoneNumber": number}}


def test_the_trial_has_credentials_of_its_own_which_end_within_the_hour(
    service: FakeService, conninfo: str
) -> None:
    post_and_read_back(conninfo, service.url)
    for path, role in ((POST, Role.SINK), (READ, Role.READER)):
        _, sender = service.requests[path]
        assert sender.role is role
        assert is_trial_name(sender.name)
        assert sender.expires_at is not None
        assert sender.expires_at <= datetime.now(UTC) + timedelta(hours=1)


WRONG: dict[str, tuple[str, int, bytes, str]] = {
    "another database": (POST, 401, b"", "POST /notifications was answered 401: that service runs"),
    "another path": (READ, 404, b"", "POST /events/retrieve was answered 404"),
    "a failed commit": (POST, 503, b"", "should it still be stored, its source is https://doctor"),
    "another program": (READ, 200, b"<html>", "is not this service"),
    "another shape": (READ, 200, b"[]", "is not this service"),
    "no event": (READ, 200, b'{"items": []}', "found 0 events"),
    "another event": (READ, 200, page_of("7"), "found 1 events"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_fails_and_nothing_remains(
    service: FakeService, conninfo: str, name: str
) -> None:
    path, status, body, message = WRONG[name]
    service.answers[path] = (status, body)
    found = post_and_read_back(conninfo, service.url)
    assert found.state is CheckState.FAILED
    assert message in found.message
    assert list_credentials(conninfo) == []


def test_a_service_that_hangs_up_is_named_with_what_may_remain(
    service: FakeService, conninfo: str
) -> None:
    service.answers[POST] = (0, b"")
    with pytest.raises(Unavailable, match=r"did not answer \(remote protocol error\)") as raised:
        post_and_read_back(conninfo, service.url)
    assert "https://doctor.invalid/" in str(raised.value)
    assert list_credentials(conninfo) == []


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("http://127.0.0.1:9", CheckState.SKIPPED),
        ("http://receiver.invalid", CheckState.FAILED),
    ],
)
def test_where_nobody_listens_nothing_is_made(conninfo: str, url: str, state: CheckState) -> None:
    found = post_and_read_back(conninfo, url)
    assert found.state is state
    assert url in found.message


def test_other_credentials_are_left_alone(service: FakeService, conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, token_digest("token"), None)
    post_and_read_back(conninfo, service.url)
    assert [one.name for one in list_credentials(conninfo)] == ["operator"]
    assert not is_trial_name("operator")
