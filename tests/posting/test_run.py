"""Captures are posted in their order, each with its answer, until the others are in vain."""

import socket

import pytest
from starlette.responses import JSONResponse, Response

from receiver.posting.captures import Capture
from receiver.posting.run import PostingSummary, Reply, post_all
from tests.support.sink import TOKEN, Sink

HEADERS = {"content-type": "application/json", "ce-id": "ä"}


def post(url: str, *captures: Capture) -> tuple[PostingSummary, list[Reply]]:
    replies: list[Reply] = []
    return post_all(captures, url=url, token=TOKEN, on_reply=replies.append), replies


def captures(number: int) -> list[Capture]:
    return [Capture(f"f:{place}", b"%d" % place, HEADERS) for place in range(number)]


def test_all_arrive_in_order_and_to_the_letter(sink: Sink) -> None:
    summary, replies = post(sink.url, *captures(20))
    assert [body for body, _ in sink.received] == [b"%d" % place for place in range(20)]
    _, headers = sink.received[0]
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["content-type"] == "application/json"
    assert (summary.taken, summary.refused, summary.failure) == (20, 0, None)
    assert replies == [Reply(f"f:{place}", 204) for place in range(20)]


def test_a_refusal_is_told_with_its_message_and_the_others_go_on(sink: Sink) -> None:
    async def refuse(body: bytes, _: dict[str, str]) -> Response:
        error = {"status": 400, "code": "INVALID_ARGUMENT", "message": "type: \x1b[31mmissing"}
        return JSONResponse(error, 400) if body == b"1" else Response(status_code=204)

    sink.answer = refuse
    summary, replies = post(sink.url, *captures(3))
    assert [reply.status for reply in replies] == [204, 400, 204]
    assert replies[1] == Reply("f:1", 400, "INVALID_ARGUMENT", "type:  [31mmissing")
    assert summary.compose_text() == "3 read: 2 taken, 1 refused"


def test_a_fault_of_a_file_is_told_and_nothing_is_posted_of_it(sink: Sink) -> None:
    summary, replies = post(sink.url, Capture("f", fault="cannot be read"), *captures(1))
    assert replies == [Reply("f", None, message="cannot be read"), Reply("f:0", 204)]
    assert (len(sink.received), summary.refused, summary.failure) == (1, 1, None)


@pytest.mark.parametrize("status", [301, 404, 405])
def test_a_first_answer_of_no_sink_ends_it(sink: Sink, status: int) -> None:
    async def answer(_: bytes, __: dict[str, str]) -> Response:
        return Response(status_code=status)

    sink.answer = answer
    summary, _ = post(sink.url, *captures(3))
    assert (summary.failure, summary.has_met_sink, len(sink.received)) == (status, False, 1)


def test_a_refused_token_ends_it(sink: Sink) -> None:
    async def answer(_: bytes, __: dict[str, str]) -> Response:
        return Response(status_code=401)

    sink.answer = answer
    summary, _ = post(sink.url, *captures(3))
    assert (summary.failure, summary.has_met_sink, len(sink.received)) == (401, True, 1)


def test_no_answer_ends_it_in_words() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unheard.getsockname()[1]}/sink"
        summary, replies = post(url, *captures(3))
    assert replies == [Reply("f:0", None, message="no answer (connect error)")]
    assert (summary.failure, summary.has_met_sink) == ("connect error", False)
