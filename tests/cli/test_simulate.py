"""Sending: against a real server on loopback, in order per device, every answer counted."""

import asyncio
import json
import socket
import threading
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import pytest
import typer
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from receiver.cli.sending import Summary, due_seconds, send
from receiver.cli.simulate import run
from receiver.cli.stories import notifications

TOKEN = "a-sink-token"  # noqa: S105 - opens nothing but the sink in this file

Answer = Callable[[bytes], Awaitable[Response]]


async def take(_: bytes) -> Response:
    return Response(status_code=204)


@dataclass(slots=True)
class Sink:
    """A server that keeps what it was sent; `answer` may be exchanged by a test."""

    answer: Answer = take
    url: str = ""
    received: list[tuple[bytes, str, str]] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    most_under_way: Counter[str] = field(default_factory=Counter)

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        headers = request.headers
        self.received.append((body, headers["content-type"], headers["authorization"]))
        for key in (number(body), "all"):
            self.under_way[key] += 1
            self.most_under_way[key] = max(self.most_under_way[key], self.under_way[key])
        # A varying number of turns of the loop, so that answers overtake one another.
        for _ in range(len(self.received) * 7 % 11):
            await asyncio.sleep(0)
        answer = await self.answer(body)
        for key in (number(body), "all"):
            self.under_way[key] -= 1
        return answer


def number(body: bytes) -> str:
    members = json.loads(body)
    said = members["data"] if "data" in members else members["event"]["eventDetail"]
    return str(said["device"]["phoneNumber"])


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    app = Starlette(routes=[Route("/sink", sink.receive, methods=["POST"])])
    config = uvicorn.Config(app, lifespan="off", ws="none", log_level="critical", loop="asyncio")
    server = uvicorn.Server(config)
    # asyncio turns Nagle's algorithm off only where the socket names its protocol.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        # Before the thread runs: an early request waits in the backlog, and the test for nothing.
        listener.listen()
        sink.url = f"http://127.0.0.1:{listener.getsockname()[1]}/sink"
        thread = threading.Thread(target=server.run, args=([listener],), name="sink")
        thread.start()
        yield sink
        server.should_exit = True
        thread.join()


def send_all(
    url: str, *, count: int, concurrency: int = 16, rate: float | None = None
) -> tuple[Summary, list[int]]:
    answers: list[int] = []
    told, heard = notifications(1, count), answers.append
    sending = send(told, url=url, token=TOKEN, rate=rate, concurrency=concurrency, on_answer=heard)
    return asyncio.run(sending), answers


def test_all_that_was_told_arrives_and_is_counted(sink: Sink) -> None:
    summary, answers = send_all(sink.url, count=300)
    told = list(notifications(1, 300))
    token = f"Bearer {TOKEN}"
    assert sorted((n.body, n.media_type, token) for n in told) == sorted(sink.received)
    assert answers == [204] * 300
    assert summary.answers == {204: 300}
    assert summary.is_all_taken
    assert summary.devices == len({notification.device for notification in told})
    assert summary.forms == Counter(notification.form for notification in told)


def test_a_device_is_told_in_order_and_one_at_a_time(sink: Sink) -> None:
    send_all(sink.url, count=500)
    told: defaultdict[str, list[bytes]] = defaultdict(list)
    for notification in notifications(1, 500):
        told[notification.device].append(notification.body)
    for device, bodies in told.items():
        assert bodies == [body for body, _, _ in sink.received if number(body) == device]
    assert {sink.most_under_way[device] for device in told} == {1}


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_than_the_concurrency_is_under_way(sink: Sink, concurrency: int) -> None:
    send_all(sink.url, count=100, concurrency=concurrency)
    assert sink.most_under_way["all"] <= concurrency


def test_different_devices_are_told_side_by_side(sink: Sink) -> None:
    devices: set[str] = set()
    are_three = asyncio.Event()

    async def answer_when_three_wait(body: bytes) -> Response:
        devices.add(number(body))
        if len(devices) == 3:
            are_three.set()
        async with asyncio.timeout(20):
            await are_three.wait()
        return Response(status_code=204)

    sink.answer = answer_when_three_wait
    summary, _ = send_all(sink.url, count=60)
    assert summary.is_all_taken


def test_a_rate_changes_nothing_but_the_pace(sink: Sink) -> None:
    summary, _ = send_all(sink.url, count=30, rate=1000)
    assert summary.answers == {204: 30}


def test_a_schedule_counts_from_the_start_and_never_drifts() -> None:
    assert [due_seconds(position, 4) for position in range(4)] == [0, 0.25, 0.5, 0.75]
    assert due_seconds(3_600_000, 1000) == 3600
    assert due_seconds(1_000_000, None) == 0


def test_a_run_that_was_all_taken_exits_0(sink: Sink, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(sink.url, TOKEN, seed=1, rate=None, count=100) == 0
    shown = capsys.readouterr()
    rows = dict(line.rsplit(maxsplit=1) for line in shown.out.splitlines())
    assert rows["204"] == "100"
    assert int(rows["sent as cloudevents"]) + int(rows["sent as legacy"]) == 100
    assert rows.keys() >= {"devices", "seconds", "per second"}
    assert shown.err == ""


def test_a_refusal_exits_1_and_is_shown_with_code_and_message(
    sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refuse_legacy(body: bytes) -> Response:
        if b"eventDetail" not in body:
            return Response(status_code=204)
        error = {"status": 400, "code": "INVALID_ARGUMENT", "message": "event[red]: \x1b[31mno"}
        return JSONResponse(error, 400)

    sink.answer = refuse_legacy
    assert run(sink.url, TOKEN, seed=1, rate=None, count=100) == 1
    shown = capsys.readouterr().out
    legacy = sum(b"eventDetail" in notification.body for notification in notifications(1, 100))
    rows = dict(line.rsplit(maxsplit=1) for line in shown.splitlines())
    assert rows["204"] == str(100 - legacy)
    assert rows["400"] == str(legacy)
    assert shown.count("400 INVALID_ARGUMENT event[red]:  [31mno") == 1


@pytest.mark.parametrize(
    "content", [b"", b"<h1>Bad gateway</h1>", b"[1]", b'{"code": 7}', b"[" * 9999]
)
def test_an_answer_that_explains_nothing_is_shown_by_its_status(
    sink: Sink, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    async def fail(_: bytes) -> Response:
        return Response(content, 502)

    sink.answer = fail
    assert run(sink.url, TOKEN, seed=1, rate=None, count=5) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "502"


def test_only_the_first_few_distinct_refusals_are_shown(sink: Sink) -> None:
    async def refuse(_: bytes) -> Response:
        error = {
            "status": 503,
            "code": "UNAVAILABLE",
            "message": f"for reason {len(sink.received)}",
        }
        return JSONResponse(error, 503)

    sink.answer = refuse
    summary, answers = send_all(sink.url, count=40, concurrency=1)
    assert answers == [503] * 40
    assert [refusal.message for refusal in summary.refusals] == [
        f"for reason {position}" for position in range(1, 6)
    ]


def test_a_redirect_is_not_followed(sink: Sink) -> None:
    async def redirect(_: bytes) -> Response:
        return Response(status_code=307, headers={"location": sink.url})

    sink.answer = redirect
    summary, _ = send_all(sink.url, count=5)
    assert summary.answers == {307: 5}
    assert len(sink.received) == 5


def test_a_refused_connection_exits_1_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unlistened:
        unlistened.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unlistened.getsockname()[1]}/sink"
        assert run(url, TOKEN, seed=1, rate=None, count=20) == 1
        summary, answers = send_all(url, count=20)
    rows = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert rows["no answer: connect error"] == "20"
    assert summary.unanswered == {"connect error": 20}
    assert answers == [0] * 20


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"url": "ftp://127.0.0.1/"}, "--to"),
        ({"url": "127.0.0.1:8000/notifications"}, "--to"),
        ({"url": "http://[::1/"}, "--to"),
        ({"url": "http://user:word@127.0.0.1/"}, "--to"),
        ({"token": "two\nlines"}, "--token"),
        ({"token": "schlüssel"}, "--token"),
        ({"seed": -1}, "--seed"),
        ({"rate": 0.0}, "--rate"),
        ({"rate": float("inf")}, "--rate"),
        ({"count": 0}, "--count"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(changed: dict[str, object], named: str) -> None:
    usable = {"url": "http://127.0.0.1:9/", "token": TOKEN, "seed": 1, "rate": None, "count": 1}
    arguments = usable | changed
    with pytest.raises(typer.BadParameter) as refused:
        run(**arguments)  # type: ignore[arg-type] # the table above holds several types
    assert refused.value.param_hint == named
    assert TOKEN not in refused.value.message
