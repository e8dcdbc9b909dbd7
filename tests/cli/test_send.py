"""`receiver send`: what each file was answered, the exit status, and wrong use."""

import json
import socket
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from receiver.app.first_start import find_token_file
from receiver.store.credentials.credentials import Role
from tests.support.bodies import cloudevent
from tests.support.command_line import Ended, run
from tests.support.sink import TOKEN, Sink

ONE = cloudevent("roaming-on")


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    path = tmp_path / "captured.json"
    path.write_bytes(ONE)
    return path


def send(sink: Sink, *arguments: str | Path, stdin: str = TOKEN) -> Ended:
    return run("send", "--to", sink.url, "--token-stdin", *map(str, arguments), stdin=stdin)


async def refuse(body: bytes, _: dict[str, str]) -> Response:
    error = {"status": 400, "code": "INVALID_ARGUMENT", "message": "type: missing"}
    return JSONResponse(error, 400) if body == b"{}" else Response(status_code=204)


def test_what_is_taken_exits_0(sink: Sink, captured: Path) -> None:
    ended = send(sink, captured, captured)
    assert (ended.status, ended.stdout) == (0, f"{captured}  204\n" * 2)
    assert ended.stderr == "2 read: 2 taken, 0 refused\n"
    [body, headers], _ = sink.received
    assert body == ONE
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["authorization"] == f"Bearer {TOKEN}"


def test_a_refusal_is_shown_with_its_message_and_exits_1(sink: Sink, tmp_path: Path) -> None:
    sink.answer = refuse
    lines = tmp_path / "lines"
    lines.write_bytes(ONE + b"\n{}\n" + ONE + b"\n")
    ended = send(sink, lines)
    assert ended.status == 1
    assert ended.stdout.splitlines() == [
        f"{lines}:1  204",
        f"{lines}:2  400 INVALID_ARGUMENT type: missing",
        f"{lines}:3  204",
    ]
    told = [json.loads(line) for line in send(sink, lines, "--json").stdout.splitlines()]
    assert told[0] == {"place": f"{lines}:1", "status": 204}
    assert told[1] == {
        "place": f"{lines}:2",
        "status": 400,
        "code": "INVALID_ARGUMENT",
        "message": "type: missing",
    }


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_sent(
    sink: Sink, captured: Path, tmp_path: Path
) -> None:
    ended = send(sink, tmp_path / "missing", tmp_path, "\0", captured)
    assert ended.status == 1
    missing, folder, nothing, taken = ended.stdout.splitlines()
    assert missing.endswith("- cannot be read (No such file or directory)")
    assert folder.endswith("- cannot be read (Is a directory)")
    assert nothing.endswith("- cannot be read (not a file name)")
    assert taken == f"{captured}  204"


def test_stdin_is_a_file_and_the_token_comes_from_another(sink: Sink, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    command = ("send", "-", "--to", sink.url, "--token-file", str(token))
    ended = run(*command, "--content-type", "text/json", stdin=ONE.decode())
    assert (ended.status, ended.stdout) == (0, "stdin  204\n")
    [(body, headers)] = sink.received
    assert (body, headers["content-type"]) == (ONE, "text/json")


def test_a_token_of_the_environment_or_of_the_first_start_is_taken(
    sink: Sink, captured: Path, own_data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("send", str(captured), "--to", sink.url)
    missing = run(*command)
    assert (missing.status, "give --token-file" in missing.stderr) == (1, True)
    file = find_token_file(own_data_dir, Role.SINK)
    file.parent.mkdir(parents=True)
    file.write_text("of-the-first-start")
    assert run(*command).status == 0
    monkeypatch.setenv("RECEIVER_TOKEN", "of-the-environment")
    assert run(*command).status == 0
    tokens = [headers["authorization"] for _, headers in sink.received]
    assert tokens == ["Bearer of-the-first-start", "Bearer of-the-environment"]


def test_the_token_of_the_first_start_goes_to_no_other_machine(
    captured: Path, own_data_dir: Path
) -> None:
    file = find_token_file(own_data_dir, Role.SINK)
    file.parent.mkdir(parents=True)
    file.write_text("of-the-first-start")
    ended = run("send", str(captured), "--to", "https://sink.invalid")
    assert (ended.status, ended.stdout) == (2, "")
    assert "--token-file" in ended.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--to", "ftp://h"), "--to"),
        (("--to", "http://[::1/"), "--to"),
        (("--to", "http://u:s3cret@h"), "--to"),
        (("--token-file", "/nonexistent/s3cret"), "--token-file"),
        (("--token-file", "/x", "--token-stdin"), "--token-stdin and --token-file"),
        (("-", "--token-stdin"), "--token-stdin"),
        (("--mode", "half"), "--mode"),
        (("--content-type", "a\nb"), "--content-type"),
    ],
)
def test_wrong_use_is_named_and_exits_2(
    captured: Path, sink: Sink, options: tuple[str, ...], words: str
) -> None:
    ended = run("send", str(captured), "--to", sink.url, *options)
    assert (ended.status, ended.stdout, sink.received) == (2, "", [])
    assert words in ended.stderr
    assert "s3cret@" not in ended.stderr


def test_a_wrong_token_is_told_once_and_no_part_of_it(sink: Sink, captured: Path) -> None:
    ended = send(sink, captured, stdin="s3 cret")
    assert (ended.status, "--token-stdin" in ended.stderr) == (2, True)
    assert "s3" not in ended.stderr

    async def unauthorised(_: bytes, __: dict[str, str]) -> Response:
        return JSONResponse({"code": "UNAUTHENTICATED", "message": "no such token"}, 401)

    sink.answer = unauthorised
    ended = send(sink, captured, captured)
    assert (ended.status, len(sink.received)) == (1, 1)
    assert ended.stdout == f"{captured}  401 UNAUTHENTICATED no such token\n"


def test_where_no_sink_answers_the_status_is_2(captured: Path) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        ended = run("send", str(captured), "--to", url, "--token-stdin", stdin=TOKEN)
    assert ended.status == 2
    assert f"nothing answered at {url}/notifications" in ended.stderr
