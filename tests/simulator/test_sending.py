"""Sending: against a real server on loopback, in order per device, every answer counted."""

import asyncio
import socket
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from starlette.responses import JSONResponse, Response

from receiver.simulator.notification import Fault, Notification
from receiver.simulator.sending import NOT_A_SINK, Exchange, Summary, due_seconds, send
from tests.support import reading
from tests.support.sink import TOKEN, Sink, number


def told(count: int) -> list[Notification]:
    return reading.told(1, count)


def send_all(
    url: str, sent: list[Notification], *, concurrency: int = 16, rate: float | None = None
) -> tuple[Summary, list[int | str]]:
    answers: list[int | str] = []

    def hear(_: Notification, exchange: Exchange) -> None:
        answers.append(exchange.answer)

    sending = send(sent, url=url, token=TOKEN, rate=rate, concurrency=concurrency, on_answer=hear)
    return asyncio.run(sending), answers


def test_all_that_was_told_arrives_and_is_counted(sink: Sink) -> None:
    sent = told(150)
    summary, answers = send_all(sink.url, sent)
    received = [
        (body, headers["content-type"], headers["authorization"]) for body, headers in sink.received
    ]
    expected = [(n.body, n.headers["content-type"], f"Bearer {TOKEN}") for n in sent]
    assert sorted(expected) == sorted(received)
    assert answers == [204] * 150
    assert summary.answers == {204: 150}
    assert summary.is_as_expected
    assert (summary.sent, summary.events) == (150, 150)
    assert summary.devices == len({notification.device for notification in sent})
    assert summary.shapes == Counter(notification.shape for notification in sent)


def test_a_device_is_told_in_order_and_one_at_a_time(sink: Sink) -> None:
    send_all(sink.url, told(250))
    stories: defaultdict[str, list[bytes]] = defaultdict(list)
    for notification in told(250):
        stories[notification.device].append(notification.body)
    for device, bodies in stories.items():
        assert bodies == [body for body, _ in sink.received if number(body) == device]
    assert {sink.most_under_way[device] for device in stories} == {1}


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_than_the_concurrency_is_under_way(sink: Sink, concurrency: int) -> None:
    send_all(sink.url, told(100), concurrency=concurrency)
    assert sink.most_under_way["all"] <= concurrency


def test_after_the_first_answer_different_devices_are_told_side_by_side(sink: Sink) -> None:
    devices: set[str] = set()
    are_three = asyncio.Event()

    async def answer_when_three_wait(body: bytes, _: dict[str, str]) -> Response:
        if len(sink.received) == 1:
            return Response(status_code=204)
        devices.add(number(body))
        if len(devices) == 3:
            are_three.set()
        async with asyncio.timeout(20):
            await are_three.wait()
        return Response(status_code=204)

    sink.answer = answer_when_three_wait
    summary, _ = send_all(sink.url, told(60))
    assert summary.is_as_expected


def test_a_rate_changes_nothing_but_the_pace(sink: Sink) -> None:
    summary, _ = send_all(sink.url, told(30), rate=1000)
    assert summary.answers == {204: 30}


def test_a_schedule_counts_from_the_start_and_never_drifts() -> None:
    assert [due_seconds(position, 4) for position in range(4)] == [0, 0.25, 0.5, 0.75]
    assert due_seconds(3_600_000, 1000) == 3600
    assert due_seconds(1_000_000, None) == 0


def test_headers_of_a_notification_go_with_it_and_may_displace_the_token(sink: Sink) -> None:
    (first,) = told(1)
    headers = {"content-type": "application/json", "ce-id": "7", "authorization": "Bearer other"}
    send_all(sink.url, [replace(first, headers=headers)])
    ((_, received),) = sink.received
    assert received.items() >= headers.items()


def test_an_answer_is_held_against_what_was_expected(sink: Sink) -> None:
    one, other = told(2)

    async def answer(body: bytes, _: dict[str, str]) -> Response:
        return Response(status_code=400 if body == one.body else 503)

    sink.answer = answer
    spoilt = [replace(told, fault=Fault.IMPOSSIBLE_DATA) for told in (one, other)]
    summary, _ = send_all(sink.url, spoilt)
    assert summary.exchanges == {
        Exchange(Fault.IMPOSSIBLE_DATA, 400, 400): 1,
        Exchange(Fault.IMPOSSIBLE_DATA, 400, 503): 1,
    }
    assert not summary.is_as_expected
    assert [answer.status for answer in summary.unexpected] == [503]


def test_a_204_where_a_refusal_was_expected_is_not_as_expected(sink: Sink) -> None:
    spoilt = [replace(notification, fault=Fault.WRONG_TOKEN) for notification in told(3)]
    summary, _ = send_all(sink.url, spoilt)
    assert summary.exchanges == {Exchange(Fault.WRONG_TOKEN, 401, 204): 3}
    assert not summary.is_as_expected


def test_only_the_first_few_distinct_unexpected_answers_are_kept(sink: Sink) -> None:
    async def refuse(_: bytes, __: dict[str, str]) -> Response:
        message = f"for reason {len(sink.received)}"
        return JSONResponse({"status": 503, "code": "UNAVAILABLE", "message": message}, 503)

    sink.answer = refuse
    summary, answers = send_all(sink.url, told(40), concurrency=1)
    assert answers == [503] * 40
    assert [answer.message for answer in summary.unexpected] == [
        f"for reason {position}" for position in range(1, 6)
    ]


def test_a_redirect_is_not_followed(sink: Sink) -> None:
    async def redirect(_: bytes, __: dict[str, str]) -> Response:
        return Response(status_code=307, headers={"location": sink.url})

    sink.answer = redirect
    summary, _ = send_all(sink.url, told(5))
    assert summary.answers == {307: 1}
    assert len(sink.received) == 1


@pytest.mark.parametrize("status", sorted(NOT_A_SINK))
def test_a_first_answer_that_no_sink_gives_ends_the_run(sink: Sink, status: int) -> None:
    async def answer(_: bytes, __: dict[str, str]) -> Response:
        return Response(status_code=status)

    sink.answer = answer
    summary, answers = send_all(sink.url, told(20))
    assert (summary.is_stopped, answers, len(sink.received)) == (True, [status], 1)


@pytest.mark.parametrize("status", [204, 400, 401, 403, 429, 500, 503])
def test_a_first_answer_of_a_sink_does_not(sink: Sink, status: int) -> None:
    async def answer(_: bytes, __: dict[str, str]) -> Response:
        return Response(status_code=status)

    sink.answer = answer
    summary, answers = send_all(sink.url, told(20))
    assert (summary.is_stopped, answers) == (False, [status] * 20)


def test_a_later_answer_never_ends_the_run(sink: Sink) -> None:
    async def answer(_: bytes, __: dict[str, str]) -> Response:
        return Response(status_code=204 if len(sink.received) == 1 else 404)

    sink.answer = answer
    summary, _ = send_all(sink.url, told(20))
    assert summary.answers == {204: 1, 404: 19}


def test_what_was_stored_is_what_was_told(sink: Sink) -> None:
    sent = told(40)

    async def answer(body: bytes, _: dict[str, str]) -> Response:
        return Response(status_code=204 if body != sent[7].body else 503)

    sink.answer = answer
    summary, _ = send_all(sink.url, sent)
    expected = [
        one for notification in sent if notification is not sent[7] for one in notification.told
    ]
    assert sorted(summary.told, key=repr) == sorted(expected, key=repr)


def test_a_refused_connection_is_named_and_not_tried_again() -> None:
    with socket.socket() as unlistened:
        unlistened.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unlistened.getsockname()[1]}/sink"
        summary, answers = send_all(url, told(20))
    assert summary.answers == {"connect error": 1}
    assert (answers, summary.is_stopped) == (["connect error"], True)
    assert not summary.is_as_expected
