"""`receiver simulate`: what it prints, its exit status, and wrong use."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response
from typer.testing import CliRunner, Result

from receiver.app.first_start import find_token_file
from receiver.cli.main import app
from receiver.errors import ConfigurationError
from receiver.simulator.notification import Fault
from receiver.simulator.plan import Forms, Plan
from receiver.store.credentials.credentials import Role
from tests.support.judging import judge_status
from tests.support.sink import TOKEN, Sink

Simulate = Callable[..., Result]


@pytest.fixture
def simulate(sink: Sink) -> Simulate:
    """Runs the command against the sink."""

    def run(*options: str) -> Result:
        return CliRunner().invoke(app, ["simulate", "--to", sink.url, "--token", TOKEN, *options])

    return run


def rows(printed: str) -> dict[str, str]:
    return dict(line.rsplit(maxsplit=1) for line in printed.splitlines() if line)


def test_a_run_whose_every_answer_is_204_exits_0(simulate: Simulate) -> None:
    ended = simulate("--count", "100")
    assert (ended.exit_code, ended.stderr) == (0, "")
    counts = rows(ended.stdout)
    assert counts["204"] == "100"
    shapes = [number for row, number in counts.items() if row.startswith("sent as ")]
    assert sum(map(int, shapes)) == 100
    assert counts.keys() >= {"devices", "seconds", "per second"}
    assert "events" not in counts


def test_batches_are_counted_beside_their_events(simulate: Simulate, sink: Sink) -> None:
    counts = rows(simulate("--batch", "10").stdout)
    assert counts["events"] == "200"
    assert int(counts["204"]) == len(sink.received) < 200


def test_the_options_make_the_plan(simulate: Simulate, sink: Sink) -> None:
    simulate("--seed", "7", "--count", "60", "--forms", "all", "--batch", "3")
    planned = Plan(7, 60, Forms.ALL, batch=3).make_notifications()
    assert sorted(one.body for one in planned) == sorted(body for body, _ in sink.received)


def test_faults_answered_as_expected_exit_0(simulate: Simulate, sink: Sink) -> None:
    async def judge(body: bytes, headers: dict[str, str]) -> Response:
        return Response(status_code=judge_status(body, headers))

    sink.answer = judge
    ended = simulate("--count", "400", "--faults")
    assert ended.exit_code == 0
    sent = Counter(one.fault for one in Plan(count=400, faults=True).make_notifications())
    assert len(sent) == 1 + len(Fault)
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert ["as", "told", "204", "204", str(sent[None])] in lines
    for fault in Fault:
        expected = [*fault.split(), str(fault.answer), str(fault.answer), str(sent[fault])]
        assert expected in lines
    assert "not as expected" not in ended.stdout


def test_a_fault_that_is_stored_exits_1_and_is_marked(simulate: Simulate, sink: Sink) -> None:
    async def take_any_token(body: bytes, headers: dict[str, str]) -> Response:
        right = headers | {"authorization": f"Bearer {TOKEN}"}
        return Response(status_code=judge_status(body, right))

    sink.answer = take_any_token
    ended = simulate("--count", "400", "--faults")
    assert ended.exit_code == 1
    marked = [
        line.split() for line in ended.stdout.splitlines() if line.endswith("not as expected")
    ]
    assert [line[:4] for line in marked] == [["wrong", "token", "401", "204"]]


def test_a_refusal_exits_1_and_is_shown_with_code_and_message(
    simulate: Simulate, sink: Sink
) -> None:
    async def refuse_legacy(body: bytes, _: dict[str, str]) -> Response:
        if b"eventDetail" not in body:
            return Response(status_code=204)
        error = {"status": 400, "code": "INVALID_ARGUMENT", "message": "event[red]: \x1b[31mno"}
        return JSONResponse(error, 400)

    sink.answer = refuse_legacy
    ended = simulate("--count", "100")
    assert ended.exit_code == 1
    planned = Plan(count=100).make_notifications()
    legacy = sum(b"eventDetail" in notification.body for notification in planned)
    counts = rows(ended.stdout)
    assert (counts["204"], counts["400"]) == (str(100 - legacy), str(legacy))
    assert ended.stdout.count("400 INVALID_ARGUMENT event[red]:  [31mno") == 1


@pytest.mark.parametrize(
    "content", [b"", b"<h1>Bad gateway</h1>", b"[1]", b'{"code": 7}', b"[" * 9999]
)
def test_an_answer_that_explains_nothing_is_shown_by_its_status(
    simulate: Simulate, sink: Sink, content: bytes
) -> None:
    async def fail(_: bytes, __: dict[str, str]) -> Response:
        return Response(content, 502)

    sink.answer = fail
    ended = simulate("--count", "5")
    assert (ended.exit_code, ended.stdout.splitlines()[-1]) == (1, "502")


@pytest.mark.parametrize(
    ("option", "value"), [("--count", "0"), ("--batch", "101"), ("--rate", "nan"), ("--to", "ftp:")]
)
def test_an_option_that_cannot_be_used_exits_2_and_is_named(
    simulate: Simulate, sink: Sink, option: str, value: str
) -> None:
    ended = simulate(option, value)
    assert (ended.exit_code, ended.stdout, sink.received) == (2, "", [])
    assert option in ended.stderr
    assert TOKEN not in ended.stderr


def test_without_a_token_that_of_the_first_start_is_taken(sink: Sink, own_data_dir: Path) -> None:
    command = ["simulate", "--to", sink.url, "--count", "3"]
    missing = CliRunner().invoke(app, command)
    assert isinstance(missing.exception, ConfigurationError)
    assert "give --token" in str(missing.exception)
    file = find_token_file(own_data_dir, Role.SINK)
    file.parent.mkdir(parents=True)
    file.write_text("left-by-the-first-start\n")
    assert CliRunner().invoke(app, command).exit_code == 0
    tokens = {headers["authorization"] for _, headers in sink.received}
    assert tokens == {"Bearer left-by-the-first-start"}


def test_without_a_url_the_configured_address_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_HOST", "::1")
    monkeypatch.setenv("RECEIVER_PORT", "9")
    ended = CliRunner().invoke(app, ["simulate", "--token", TOKEN, "--count", "2"])
    assert ended.exit_code == 1
    assert rows(ended.stdout)["no answer: connect error"] == "2"


def test_where_nothing_answers_the_url_is_named() -> None:
    url = "http://127.0.0.1:9/notifications"
    ended = CliRunner().invoke(app, ["simulate", "--to", url, "--token", TOKEN, "--count", "2"])
    assert ended.exit_code == 1
    assert ended.stderr == f"receiver: nothing answered at {url}\n"
