"""The bounds that hold whoever calls: connections, failed attempts and rates, from outside."""

import json
import re
import resource
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPResponse
from itertools import count
from pathlib import Path
from string import ascii_lowercase
from urllib.parse import urlsplit

import psutil
import pytest

from receiver.client import Client, TooManyRequests
from tests.support.between import seeded
from tests.support.exposition import value
from tests.support.service import (
    Installation,
    Service,
    notification,
    status_of,
    until,
)

CONNECTIONS = 6
BOUNDS = {
    "RECEIVER_CONNECTION_LIMIT": str(CONNECTIONS),
    "RECEIVER_ATTEMPTS_LIMIT": "1",
    "RECEIVER_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8",
    "RECEIVER_RATE_LIMIT": "1",
    "RECEIVER_HEADER_TIMEOUT_SECONDS": "2",
    "RECEIVER_HEADER_LIMIT_BYTES": "2048",
}
GUESS = "a-token-that-nobody-was-given"
ALIVE = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def bounded_installation(seed: Path) -> Iterator[Installation]:
    with seeded(seed, BOUNDS) as installation:
        yield installation


@pytest.fixture(scope="module")
def shared_service(bounded_installation: Installation) -> Iterator[Service]:
    with bounded_installation.serve() as service:
        yield service


@pytest.fixture
def bounded(shared_service: Service) -> Service:
    """A service with tight bounds and nobody connected."""
    process = psutil.Process(shared_service.process.pid)
    port = urlsplit(shared_service.address).port

    def find_states() -> set[str]:
        # Not those of its connections to a database.
        connections = process.net_connections("tcp")
        return {one.status for one in connections if one.laddr.port == port}

    assert until(lambda: find_states() == {"LISTEN"})
    return shared_service


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    place = urlsplit(service.address)
    connection = socket.create_connection((place.hostname or "", place.port or 80), timeout=30)
    with closing(connection):
        yield connection


def asked(connection: socket.socket, request: bytes = ALIVE) -> int:
    """The status of an answer on a connection that stays open."""
    connection.sendall(request)
    return answer_on(connection)[0].status


def answer_on(connection: socket.socket) -> tuple[HTTPResponse, bytes]:
    answer = HTTPResponse(connection)
    answer.begin()
    return answer, answer.read()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def rest(connection: socket.socket) -> bytes:
    """Everything until the service closes."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def has_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(30)


def posting(token: str) -> bytes:
    """A head whose body is yet to come, from a sender that waits to be asked for it."""
    lines = [
        "POST /notifications HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        "Content-Length: 100000",
        "Expect: 100-continue",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def created(installation: Installation) -> str:
    """The token of a new credential."""
    name = f"made-{''.join(secrets.choice(ascii_lowercase) for _ in range(12))}"
    return installation.create(name, "sink")


def counted(service: Service, call: str, status: int, reason: str) -> float | None:
    labels = {"call": call, "status": str(status), "reason": reason}
    with Client(service.address) as client:
        return value(client.get_metrics(), "receiver_answers_total", labels)


def post(service: Service, token: str, **headers: str) -> None:
    """Posts a notification, and hangs up: who stays connected counts."""
    with Client(service.address, token=token, retries=0) as client:
        client.post_notification(notification(), headers=headers)


def test_the_connection_that_waits_longest_makes_room(bounded: Service) -> None:
    with ExitStack() as stack:
        waiting = [stack.enter_context(connected(bounded)) for _ in range(CONNECTIONS)]
        for connection in waiting:
            assert asked(connection) == 200
        # The first one is used again, so the second one now waits the longest.
        assert asked(waiting[0]) == 200
        newcomer = stack.enter_context(connected(bounded))
        assert asked(newcomer) == 200
        assert until(lambda: has_closed(waiting[1]))
        assert [has_closed(connection) for connection in waiting] == [
            place == 1 for place in range(CONNECTIONS)
        ]


def test_what_sends_its_head_slowly_makes_room_and_is_told_so(bounded: Service) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(bounded)) for _ in range(CONNECTIONS)]
        for connection in slow:
            connection.sendall(b"POST /notifications HTTP/1.1\r\nX-Slow: ")
        newcomer = stack.enter_context(connected(bounded))
        assert asked(newcomer) == 200
        assert status(rest(slow[0])) == 503


def test_a_newcomer_is_503_while_nobody_waits_and_welcome_once_somebody_does(
    bounded: Service, bounded_installation: Installation
) -> None:
    token = bounded_installation.token("sink")
    before = counted(bounded, "connection", 503, "connections-full") or 0
    with ExitStack() as stack:
        busy = [stack.enter_context(connected(bounded)) for _ in range(CONNECTIONS)]
        for connection in busy:
            connection.sendall(posting(token))
            assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        with connected(bounded) as newcomer:
            newcomer.sendall(posting(token))
            answer = rest(newcomer)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert status(answer) == 503
        assert re.search(rb"\r\nretry-after: [1-9]", head)
        assert json.loads(body)["code"] == "UNAVAILABLE"
        body = json.dumps(notification()).encode()
        busy[0].sendall(body + b" " * (100_000 - len(body)))
        assert status(busy[0].recv(65536)) == 204
        with connected(bounded) as newcomer:
            assert asked(newcomer) == 200
    assert counted(bounded, "connection", 503, "connections-full") == before + 1


def test_the_rest_of_a_body_after_its_answer_ends_in_time(installation: Installation) -> None:
    brief = installation.serve(RECEIVER_KEEP_ALIVE_SECONDS="1")
    with brief as service, connected(service) as connection:
        assert asked(connection, posting(GUESS)) == 401

        def is_ended() -> bool:
            try:
                connection.sendall(b" ")
            except OSError:
                return True
            return False

        assert until(is_ended)


def test_answers_to_what_is_no_request_are_counted_and_not_logged(bounded: Service) -> None:
    with ExitStack() as stack:
        sent = (b"no HTTP\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 4096, b"GET / ")
        opened = [stack.enter_context(connected(bounded)) for _ in sent]
        for connection, request in zip(opened, sent, strict=True):
            connection.sendall(request)
        assert [status(rest(connection)) for connection in opened] == [400, 431, 408]
    assert counted(bounded, "connection", 400, "not-http") == 1
    assert counted(bounded, "connection", 431, "head-too-large") == 1
    assert counted(bounded, "connection", 408, "head-too-slow") == 1
    assert "Invalid" not in bounded.stderr


def test_as_many_files_may_be_open_as_the_connections_need(installation: Installation) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard > 1200
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with installation.serve() as service:
            assert psutil.Process(service.process.pid).rlimit(psutil.RLIMIT_NOFILE)[0] > 1000
            with ExitStack() as stack:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                opened = [stack.enter_context(connected(service)) for _ in range(400)]
                assert asked(opened[-1]) == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_guesses_are_429_after_a_while_and_valid_tokens_never(
    bounded: Service, bounded_installation: Installation
) -> None:
    def post_through(token: str, said_by_proxy: str) -> None:
        post(bounded, token, **{"x-forwarded-for": said_by_proxy})

    def guess() -> None:
        # What a stranger claims stands before what the proxies add, and makes no difference.
        post_through(GUESS, f"{next(claims)}, 198.51.100.7, 10.1.1.1")

    claims = (f"192.0.2.{number % 256}" for number in count())
    assert status_of(guess) == 401
    assert until(lambda: status_of(guess) == 429)
    assert status_of(lambda: post_through(GUESS, "198.51.100.8")) == 401
    for _ in range(2):
        # The second one is not yet known to the service.
        post_through(created(bounded_installation), "198.51.100.7")
    assert until(lambda: status_of(guess) == 429)
    with pytest.raises(TooManyRequests) as refused:
        guess()
    assert refused.value.code == "TOO_MANY_REQUESTS"
    assert (refused.value.retry_after or 0) >= 1
    assert GUESS not in bounded.stderr
    assert "198.51.100.7" not in bounded.stderr


def test_failures_are_told_in_one_line_when_the_service_stops(installation: Installation) -> None:
    with installation.serve() as service:
        for _ in range(5):
            assert service.post(notification(), GUESS) == 401
    (told,) = [line for line in service.stderr.splitlines() if "authentications failed" in line]
    line = json.loads(told)
    assert (line["attempts"], line["most_from"]) == (5, "127.0.0.0/24")
    assert GUESS not in service.stderr


def test_a_credential_that_sends_too_fast_is_429_before_its_body_is_read(
    bounded: Service, bounded_installation: Installation
) -> None:
    def asked_for_a_body(token: str) -> bytes:
        with connected(bounded) as connection:
            connection.sendall(posting(token))
            return connection.recv(65536)

    token = created(bounded_installation)
    post(bounded, token)
    assert until(lambda: asked_for_a_body(token).startswith(b"HTTP/1.1 429 "))
    assert until(lambda: status_of(lambda: post(bounded, token)) == 429)
    assert counted(bounded, "notifications", 429, "rate-exceeded")
    post(bounded, created(bounded_installation))
