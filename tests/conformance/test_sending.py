"""Sending: every way of a body arrives whole, and every request ends in time."""

import asyncio
import base64

import pytest

from receiver.conformance.exchange import Answer, Credential, Request
from receiver.conformance.sending import ANSWER_BYTES_MAX, WRONG_TOKEN, Sender
from tests.support.any_sink import TOKEN, Decide, Received, Reply, serving

JSON = {"content-type": "application/json"}


def send(decide: Decide, *requests: Request, deadline: float = 10) -> list[Answer]:
    async def run(url: str) -> list[Answer]:
        async with Sender(url, TOKEN, deadline) as sender:
            return [await sender.send(request) for request in requests]

    with serving(decide) as url:
        return asyncio.run(run(url))


class Sink:
    """Keeps what it receives."""

    def __init__(self) -> None:
        self.received: list[Received] = []

    def __call__(self, received: Received) -> Reply:
        self.received.append(received)
        return Reply(204)


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        (Credential.RIGHT, f"Bearer {TOKEN}"),
        (Credential.RIGHT_IN_LOWER_CASE, f"bearer {TOKEN}"),
        (
            Credential.RIGHT_AS_BASIC,
            f"Basic {base64.b64encode(f'conformance:{TOKEN}'.encode()).decode()}",
        ),
        (Credential.WRONG, f"Bearer {WRONG_TOKEN}"),
        (Credential.NONE, None),
    ],
)
def test_a_request_authenticates_itself_as_it_says(
    credential: Credential, expected: str | None
) -> None:
    sink = Sink()
    send(sink, Request(b"{}", JSON, credential=credential))
    assert sink.received[0].headers.get("authorization") == expected


def test_every_way_of_a_body_arrives_whole() -> None:
    sink = Sink()
    body = bytes(range(100))
    send(
        sink,
        Request(body, JSON),
        Request(body, JSON, pieces=7),
        Request(body, JSON, pieces=7, is_chunked=True),
        Request(b"", {}, "GET"),
    )
    assert [one.body for one in sink.received] == [body, body, body, b""]
    assert [one.is_chunked for one in sink.received] == [False, False, True, False]
    assert [one.method for one in sink.received] == ["POST", "POST", "POST", "GET"]


def test_an_answer_is_read_with_its_headers_and_the_connection_is_told() -> None:
    def decide(_: Received) -> Reply:
        return Reply(400, {"X-Correlator": "c"}, b'{"code": "GONE"}')

    first, second = send(decide, Request(b"", {}), Request(b"", {}))
    assert (first.status, first.body, first.headers["x-correlator"]) == (
        400, b'{"code": "GONE"}', "c",
    )  # fmt: skip
    assert first.port == second.port is not None


def test_of_a_long_answer_the_beginning_is_read() -> None:
    (answer,) = send(lambda _: Reply(200, {}, b"x" * 3 * ANSWER_BYTES_MAX), Request(b"", {}))
    assert len(answer.body) == ANSWER_BYTES_MAX


def test_a_token_that_a_sink_repeats_is_not_kept() -> None:
    (answer,) = send(lambda _: Reply(400, {}, f'{{"code": "{TOKEN}"}}'.encode()), Request(b"", {}))
    assert TOKEN.encode() not in answer.body


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    sink = Sink()

    def decide(received: Received) -> Reply:
        sink(received)
        return Reply(307, {"location": "/elsewhere"})

    (answer,) = send(decide, Request(b"{}", JSON))
    assert (answer.status, len(sink.received)) == (307, 1)


def test_silence_ends_at_the_deadline_and_a_closed_connection_at_once() -> None:
    request = Request(b"{}", JSON)
    (silent,) = send(lambda _: Reply(204, hangs=True), request, deadline=0.2)
    (closed,) = send(lambda _: Reply(204, closes=True), request)
    assert (silent.status, silent.fault) == (None, "none within 0.2 s")
    assert (closed.status, closed.fault) == (None, "remote protocol error")


def test_where_nobody_listens_the_answer_says_so() -> None:
    async def run() -> Answer:
        async with Sender("http://127.0.0.1:9/", TOKEN, 5) as sender:
            return await sender.send(Request(b"", {}))

    assert asyncio.run(run()).describe() == "no answer (connect error)"
