"""`receiver simulate`: what it prints, its exit status, and wrong use."""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response
from typer.testing import CliRunner, Result

from receiver.app.first_start import find_token_file
from receiver.cli.main import app
from receiver.errors import ConfigurationError
from receiver.simulator.expectations import expect
from receiver.simulator.notification import Fault
from receiver.simulator.plan import Forms, Plan
from receiver.store.credentials.credentials import Role
from tests.support.judging import judge_status
from tests.support.reading import UNTIL
from tests.support.sink import TOKEN, Sink

Simulate = Callable[..., Result]
AT = UNTIL.isoformat()


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
    assert counts["events"] == "400"
    assert int(counts["204"]) == len(sink.received) < 400


def test_the_options_make_the_plan(simulate: Simulate, sink: Sink) -> None:
    simulate(
        "--until",
        AT,
        "--days",
        "3",
        "--seed",
        "7",
        "--count",
        "60",
        "--forms",
        "all",
        "--batch",
        "3",
    )
    planned = Plan(
        until=UNTIL, days=3, seed=7, count=60, forms=Forms.ALL, batch=3
    ).make_notifications()
    assert sorted(one.body for one in planned) == sorted(body for body, _ in sink.received)


def test_faults_answered_as_expected_exit_0(simulate: Simulate, sink: Sink) -> None:
    async def judge(body: bytes, headers: dict[str, str]) -> Response:
        return Response(status_code=judge_status(body, headers))

    sink.answer = judge
    ended = simulate("--until", AT, "--count", "400", "--faults")
    assert ended.exit_code == 0
    sent = Counter(
        one.fault for one in Plan(until=UNTIL, count=400, faults=True).make_notifications()
    )
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
    ended = simulate("--until", AT, "--count", "400", "--faults")
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
    ended = simulate("--until", AT, "--count", "300")
    assert ended.exit_code == 1
    planned = Plan(until=UNTIL, count=300).make_notifications()
    legacy = sum(b"eventDetail" in notification.body for notification in planned)
    counts = rows(ended.stdout)
    assert (counts["204"], counts["400"]) == (str(300 - legacy), str(legacy))
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
    nothing = "receiver: nothing answered at http://[::1]:9/notifications (connect error)"
    assert (ended.stdout, ended.stderr.strip()) == ("", nothing)


def test_where_nothing_answers_the_url_is_named_once_in_full() -> None:
    url = "http://127.0.0.1:9"
    ended = CliRunner().invoke(app, ["simulate", "--to", url, "--token", TOKEN])
    assert ended.exit_code == 1
    line = f"receiver: nothing answered at {url}/notifications (connect error)\n"
    assert (ended.stdout, ended.stderr) == ("", line)


def test_a_wrong_path_is_tried_once_and_told(simulate: Simulate, sink: Sink) -> None:
    wrong = sink.url.replace("/sink", "/hooks")
    ended = simulate("--to", wrong)
    assert (ended.exit_code, ended.stdout, sink.received) == (1, "", [])
    line = f"receiver: {wrong} is no sink (404); is the path /notifications?\n"
    assert ended.stderr == line


@pytest.mark.parametrize(
    "text", ["2026-01-05", "2026-01-05T06:00:00", "soon", "2100-01-01T00:00:00Z"]
)
def test_a_time_that_has_no_zone_or_lies_ahead_is_no_end(
    simulate: Simulate, sink: Sink, text: str
) -> None:
    ended = simulate("--until", text)
    assert (ended.exit_code, "--until" in ended.stderr, sink.received) == (2, True, [])


def test_the_stories_end_now_by_default(simulate: Simulate, sink: Sink) -> None:
    before = datetime.now(UTC)
    simulate("--count", "400")
    latest = max(
        datetime.fromisoformat(time.decode())
        for body, _ in sink.received
        for time in re.findall(rb'"(?:time|eventTime)":"([^"]*)"', body)
    )
    assert before - timedelta(hours=1) < latest < datetime.now(UTC)


def test_the_status_to_expect_is_printed_and_written(
    simulate: Simulate, sink: Sink, tmp_path: Path
) -> None:
    file = tmp_path / "expected.ndjson"
    ended = simulate("--until", AT, "--count", "200", "--expect", str(file))
    told = [
        one
        for notification in Plan(until=UNTIL, count=200).make_notifications()
        for one in notification.told
    ]
    documents = [json.loads(line) for line in file.read_text().splitlines()]
    by_device = sorted(expect(told), key=str)
    assert sorted(documents, key=str) == by_device
    roaming = sum(document["roaming"].get("value") is True for document in documents)
    assert ["roaming", "true", str(roaming)] in [line.split() for line in ended.stdout.splitlines()]


def test_a_file_that_cannot_be_written_stops_before_anything_is_sent(
    simulate: Simulate, sink: Sink, tmp_path: Path
) -> None:
    ended = simulate("--expect", str(tmp_path / "nowhere" / "file"))
    assert (ended.exit_code, sink.received) == (2, [])
