"""`receiver simulate`: what it sends, what it prints, and its exit status."""

import socket
from collections import Counter
from datetime import UTC, datetime

import pytest
import typer
from starlette.responses import JSONResponse, Response

from receiver.cli.simulate import Forms, Plan, run
from receiver.errors import MediaTypeUnsupported, NotificationRefused
from receiver.events import registry
from receiver.intake import modes
from receiver.simulator.notification import Fault, Shape
from tests.support.sink import TOKEN, Sink

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def status(body: bytes, headers: dict[str, str], token: str | None = TOKEN) -> int:
    """What the real sink answers, as far as that needs no database."""
    if headers.get("authorization", f"Bearer {token}") != f"Bearer {token}":
        return 401
    try:
        for member in modes.members(modes.mode(headers), headers, body):
            registry.understand(member.read(), NOW)
    except MediaTypeUnsupported:
        return 415
    except NotificationRefused:
        return 400
    return 204


async def judge(body: bytes, headers: dict[str, str]) -> Response:
    return Response(status_code=status(body, headers))


def rows(shown: str) -> dict[str, str]:
    return dict(line.rsplit(maxsplit=1) for line in shown.splitlines() if line)


PLANS = [
    Plan(count=600),
    Plan(count=600, forms=Forms.ALL),
    Plan(seed=2, count=600, batch=7),
    Plan(seed=3, count=600, forms=Forms.ALL, batch=100),
    Plan(seed=4, count=1200, faults=True),
    Plan(seed=5, count=1200, forms=Forms.ALL, batch=5, faults=True),
]


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_our_own_reading_answers_every_notification_as_expected(plan: Plan) -> None:
    for sent in plan.notifications():
        assert status(sent.body, dict(sent.headers)) == sent.expected, sent


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_a_plan_holds_as_many_events_as_asked_for_and_never_changes(plan: Plan) -> None:
    sent = list(plan.notifications())
    assert sum(notification.events for notification in sent) == plan.count
    assert sent == list(plan.notifications())


def test_without_batches_a_notification_is_an_event_about_a_phone() -> None:
    sent = list(Plan(count=500).notifications())
    assert {notification.events for notification in sent} == {1}
    assert {notification.fault for notification in sent} == {None}
    assert all(notification.device.startswith("+99999") for notification in sent)


def test_all_forms_are_sent_when_asked_for() -> None:
    usual = {notification.shape for notification in Plan(count=300).notifications()}
    assert usual == {Shape.CLOUDEVENTS, Shape.HYBRID, Shape.LEGACY}
    every = {
        sent.shape
        for sent in Plan(count=300, forms=Forms.ALL, batch=20, faults=True).notifications()
    }
    assert every == set(Shape)


def test_a_run_that_was_all_taken_exits_0(sink: Sink, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(sink.url, TOKEN, Plan(count=100), rate=None) == 0
    shown = capsys.readouterr()
    counts = rows(shown.out)
    assert counts["204"] == "100"
    shapes = [number for row, number in counts.items() if row.startswith("sent as ")]
    assert sum(map(int, shapes)) == 100
    assert counts.keys() >= {"devices", "seconds", "per second"}
    assert "events" not in counts
    assert shown.err == ""


def test_batches_are_counted_beside_their_events(
    sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(sink.url, TOKEN, Plan(count=200, batch=10), rate=None) == 0
    counts = rows(capsys.readouterr().out)
    assert counts["events"] == "200"
    assert int(counts["204"]) == len(sink.received) < 200


def test_faults_answered_as_expected_exit_0(sink: Sink, capsys: pytest.CaptureFixture[str]) -> None:
    sink.answer = judge
    plan = Plan(count=400, faults=True)
    assert run(sink.url, TOKEN, plan, rate=None) == 0
    shown = capsys.readouterr().out
    sent = Counter(notification.fault for notification in plan.notifications())
    assert len(sent) == 1 + len(Fault)
    lines = [line.split() for line in shown.splitlines()]
    assert ["as", "told", "204", "204", str(sent[None])] in lines
    for fault in Fault:
        expected = [*fault.split(), str(fault.answer), str(fault.answer), str(sent[fault])]
        assert expected in lines
    assert "not as expected" not in shown


def test_a_fault_that_is_taken_exits_1_and_is_marked(
    sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    async def take_any_token(body: bytes, headers: dict[str, str]) -> Response:
        return Response(status_code=status(body, headers | {"authorization": f"Bearer {TOKEN}"}))

    sink.answer = take_any_token
    assert run(sink.url, TOKEN, Plan(count=400, faults=True), rate=None) == 1
    marked = [
        line.split()
        for line in capsys.readouterr().out.splitlines()
        if line.endswith("not as expected")
    ]
    assert [line[:4] for line in marked] == [["wrong", "token", "401", "204"]]


def test_a_refusal_exits_1_and_is_shown_with_code_and_message(
    sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refuse_legacy(body: bytes, _: dict[str, str]) -> Response:
        if b"eventDetail" not in body:
            return Response(status_code=204)
        error = {"status": 400, "code": "INVALID_ARGUMENT", "message": "event[red]: \x1b[31mno"}
        return JSONResponse(error, 400)

    sink.answer = refuse_legacy
    plan = Plan(count=100)
    assert run(sink.url, TOKEN, plan, rate=None) == 1
    shown = capsys.readouterr().out
    legacy = sum(b"eventDetail" in notification.body for notification in plan.notifications())
    counts = rows(shown)
    assert counts["204"] == str(100 - legacy)
    assert counts["400"] == str(legacy)
    assert shown.count("400 INVALID_ARGUMENT event[red]:  [31mno") == 1


@pytest.mark.parametrize(
    "content", [b"", b"<h1>Bad gateway</h1>", b"[1]", b'{"code": 7}', b"[" * 9999]
)
def test_an_answer_that_explains_nothing_is_shown_by_its_status(
    sink: Sink, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    async def fail(_: bytes, __: dict[str, str]) -> Response:
        return Response(content, 502)

    sink.answer = fail
    assert run(sink.url, TOKEN, Plan(count=5), rate=None) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "502"


def test_a_refused_connection_exits_1_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unlistened:
        unlistened.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unlistened.getsockname()[1]}/sink"
        assert run(url, TOKEN, Plan(count=20), rate=None) == 1
    assert rows(capsys.readouterr().out)["no answer: connect error"] == "20"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"url": "ftp://127.0.0.1/"}, "--to"),
        ({"url": "127.0.0.1:8000/notifications"}, "--to"),
        ({"url": "http://[::1/"}, "--to"),
        ({"url": "http://user:word@127.0.0.1/"}, "--to"),
        ({"token": "two\nlines"}, "--token"),
        ({"token": "schlüssel"}, "--token"),
        ({"plan": Plan(seed=-1)}, "--seed"),
        ({"plan": Plan(count=0)}, "--count"),
        ({"plan": Plan(batch=0)}, "--batch"),
        ({"plan": Plan(batch=101)}, "--batch"),
        ({"rate": 0.0}, "--rate"),
        ({"rate": float("inf")}, "--rate"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(changed: dict[str, object], named: str) -> None:
    usable = {"url": "http://127.0.0.1:9/", "token": TOKEN, "plan": Plan(count=1), "rate": None}
    arguments = usable | changed
    with pytest.raises(typer.BadParameter) as refused:
        run(**arguments)  # type: ignore[arg-type] # the table above holds several types
    assert refused.value.param_hint == named
    assert TOKEN not in refused.value.message


def test_the_largest_batch_fits_into_a_body_of_the_default_limit() -> None:
    largest = max(len(sent.body) for sent in Plan(count=1000, forms=Forms.ALL).notifications())
    assert 100 * (largest + 1) < 262_144
