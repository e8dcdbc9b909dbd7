"""Clients that mean no good are ended in time, and good senders are served throughout."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import pytest

from receiver.client import Client, InvalidArgument
from tests.support.between import seeded
from tests.support.service import Installation, Service, notification, status_of, until

BOUNDS = {
    "RECEIVER_HEADER_TIMEOUT_SECONDS": "1",
    "RECEIVER_BODY_TIMEOUT_SECONDS": "1",
    "RECEIVER_KEEP_ALIVE_SECONDS": "2",
}
MEBIBYTE = 1024 * 1024
GROWTH_MAX = 64 * MEBIBYTE
# Between an answer and the next notification of a good sender.
PAUSE_SECONDS = 0.01
# Each is looked up, at most four of them a second.
STRANGERS = 12

START = b"POST /notifications HTTP/1.1\r\nHost: x\r\n"
SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def bounded_installation(seed: Path) -> Iterator[Installation]:
    with seeded(seed, BOUNDS) as installation:
        yield installation


@pytest.fixture(scope="module")
def bounded(bounded_installation: Installation) -> Iterator[Service]:
    with bounded_installation.serve() as service:
        yield service


@pytest.fixture(scope="module")
def sink_token(bounded_installation: Installation) -> str:
    return bounded_installation.token("sink")


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    place = urlsplit(service.address)
    assert place.hostname is not None
    connection = socket.create_connection((place.hostname, place.port or 80), timeout=30)
    with closing(connection):
        yield connection


def answered(connection: socket.socket) -> bytes:
    """Everything until the service closes."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def answer_each(service: Service, sent: Sequence[bytes]) -> list[bytes]:
    """The answers to what is sent on connections of their own, which wait together."""
    with ExitStack() as stack:
        connections = [stack.enter_context(connected(service)) for _ in sent]
        for connection, part in zip(connections, sent, strict=True):
            connection.sendall(part)
        return [answered(connection) for connection in connections]


def status_and_code(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), json.loads(body)["code"]


def head(token: str, *lines: str) -> bytes:
    common = ["POST /notifications HTTP/1.1", "Host: x", f"Authorization: Bearer {token}"]
    return "\r\n".join([*common, "Content-Type: application/json", *lines, "", ""]).encode()


@contextmanager
def good_sender(service: Service, token: str) -> Iterator[None]:
    """Posts during the block; every one of its notifications must be answered 204."""
    ended = threading.Event()
    statuses: list[int] = []

    def post() -> None:
        with Client(service.address, token=token, retries=0) as client:
            while not ended.wait(PAUSE_SECONDS) or len(statuses) < 20:
                event = notification(str(uuid4()))
                statuses.append(status_of(lambda: client.post_notification(event), 204))  # noqa: B023 - called at once

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert set(statuses) == {204}


def test_heads_and_bodies_that_trickle_are_ended(bounded: Service, sink_token: str) -> None:
    with good_sender(bounded, sink_token):
        trickles = (
            *(b"", b"P", b"POST /notifications HTTP/1.1\r\nHost: x\r\nX-Slow: "),
            head(sink_token, "Content-Length: 100") + b'{"id"',
        )
        for answer in answer_each(bounded, trickles):
            assert status_and_code(answer) == (408, "REQUEST_TIMEOUT")


def test_past_the_sink_a_body_has_its_time_and_a_stranger_is_answered_ahead_of_it(
    bounded: Service, sink_token: str
) -> None:
    for token, expected in ((sink_token, (408, "REQUEST_TIMEOUT")), ("x", (404, "NOT_FOUND"))):
        slow = head(token, "Content-Length: 100") + b'{"id"'
        targets = (b"/webhook", b"/Notifications")
        sent = [slow.replace(b"/notifications", target, 1) for target in targets]
        with good_sender(bounded, sink_token):
            for answer in answer_each(bounded, sent):
                assert status_and_code(answer) == expected
    assert "unexpected error" not in bounded.stderr


def test_a_flood_of_headers_is_ended_before_it_fills_the_memory(
    bounded: Service, sink_token: str
) -> None:
    process = psutil.Process(bounded.process.pid)
    before = process.memory_info().rss
    with good_sender(bounded, sink_token):
        for line in (b"X-Flood: " + b"a" * 1000 + b"\r\n", b"a" * 4096):
            with connected(bounded) as connection:
                connection.sendall(START)
                answer = b""
                try:
                    for _ in range(100_000):
                        connection.sendall(line)
                except OSError:
                    answer = b"refused"
                answer = answer or answered(connection)
                assert answer
    assert process.memory_info().rss - before < GROWTH_MAX


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"POST /notifications HTTP/9.9\r\n\r\n",
        START + b"Content-Length: -1\r\n\r\n",
        START + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        START + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        START + b"Transfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n" + SMUGGLED,
    ],
)
def test_what_is_no_clear_request_is_400_and_closed(bounded: Service, sent: bytes) -> None:
    with connected(bounded) as connection:
        connection.sendall(sent)
        answer = answered(connection)
    assert status_and_code(answer) == (400, "INVALID_ARGUMENT")
    assert answer.count(b"HTTP/1.1") == 1


def test_strangers_do_not_keep_a_good_sender_out(bounded: Service, sink_token: str) -> None:
    with good_sender(bounded, sink_token):
        for number in range(STRANGERS):
            assert bounded.post(notification(), f"wrong-{number}") == 401


def test_half_closed_and_abandoned_connections_leave_nothing_open(
    bounded: Service, sink_token: str
) -> None:
    process = psutil.Process(bounded.process.pid)
    before = len(process.net_connections())
    with good_sender(bounded, sink_token):
        for number in range(200):
            with connected(bounded) as connection:
                if number % 2:
                    connection.sendall(head(sink_token, "Content-Length: 100"))
                    connection.shutdown(socket.SHUT_WR)
    assert until(lambda: len(process.net_connections()) <= before + 2)


def test_what_came_in_good_form_is_answered_before_what_did_not_on_its_connection(
    bounded: Service, sink_token: str
) -> None:
    event = json.dumps(notification()).encode()
    good = head(sink_token, f"Content-Length: {len(event)}") + event
    for bad in (b"GET\r\n\r\n", START + b"Transfer-Encoding: chunked\r\n\r\nno chunk\r\n"):
        with connected(bounded) as connection:
            connection.sendall(good * 20 + bad + good)
            answers = answered(connection).split(b"HTTP/1.1 ")[1:]
        assert [answer[:3] for answer in answers] == [b"204"] * 20 + [b"400"]


def test_many_heads_and_bodies_in_one_stream_are_not_taken_for_one_long_head(
    bounded: Service, sink_token: str
) -> None:
    event = notification()
    event["data"]["padding"] = "x" * 60_000
    body = json.dumps(event).encode()
    good = head(sink_token, f"Content-Length: {len(body)}") + body
    with connected(bounded) as connection:
        connection.sendall(good * 5 + good[:100])
        connection.sendall(good[100:] + b"GET\r\n\r\n")
        answers = answered(connection).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"204"] * 6 + [b"400"]


def test_a_stream_of_requests_ahead_of_their_answers_does_not_fill_the_memory(
    bounded: Service, sink_token: str
) -> None:
    process = psutil.Process(bounded.process.pid)
    before = process.memory_info().rss
    with good_sender(bounded, sink_token), connected(bounded) as connection, suppress(OSError):
        while True:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3000)
            if not connection.recv(100):
                break
    assert process.memory_info().rss - before < GROWTH_MAX


def test_bodies_that_unfold_into_much_are_forgotten_once_they_are_refused(
    bounded: Service, sink_token: str
) -> None:
    process = psutil.Process(bounded.process.pid)
    body = b'{"a":[' + b"{}," * 87_000 + b"{}]}"
    sender = bounded.ask_as(sink_token)

    def refuse(times: int) -> None:
        for _ in range(times):
            with pytest.raises(InvalidArgument):
                sender.post_notification(body, content_type="application/json")

    refuse(5)
    before = process.memory_info().rss
    refuse(60)
    assert process.memory_info().rss - before < GROWTH_MAX
