"""`receiver conformance`: what it prints and writes, its exit status, and wrong use."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from receiver.cli.main import app
from tests.support.any_sink import TOKEN, Received, Reply, decide_rightly, error, serving

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(decide_rightly) as url:
        yield url


def run(*arguments: str, stdin: str = TOKEN) -> Result:
    return CliRunner().invoke(app, ["conformance", *arguments], input=stdin)


def test_a_right_sink_exits_0_and_what_is_sent_is_told_before(url: str) -> None:
    ended = run(url, "--token-stdin", "--only", "token-*", "--only", "success-is-204")
    assert ended.exit_code == 0
    told = ended.stderr.splitlines()
    assert told[0].startswith(f"{url}: 6 requests for 5 cases, one at a time")
    assert told[1:] == ["    1  answers", "    4  the token"]
    assert ended.stdout.splitlines()[-1] == "5 cases: 5 passed"


def test_a_sink_that_does_not_what_it_must_exits_1() -> None:
    def decide(received: Received) -> Reply:
        reply = decide_rightly(received)
        return Reply(200) if reply.status == 204 else reply

    with serving(decide) as url:
        ended = run(url, "--token-stdin", "--only", "success-*")
    assert (ended.exit_code, "failed     success-is-204" in ended.stdout) == (1, True)


def test_what_a_sink_should_do_and_does_not_exits_0() -> None:
    with serving(lambda received: Reply(decide_rightly(received).status)) as url:
        ended = run(url, "--token-stdin", "--only", "correlator-*")
    assert (ended.exit_code, "warned     correlator-is-echoed" in ended.stdout) == (0, True)


def test_json_has_every_case(url: str) -> None:
    ended = run(url, "--token-stdin", "--json", "--only", "*-missing")
    document = json.loads(ended.stdout)
    assert document.keys() == {"sink", "verdicts", "cases"}
    assert document["sink"] == url
    assert document["verdicts"] == {"passed": 6, "failed": 0, "warned": 0, "not-tried": 0}
    assert [case["name"] for case in document["cases"]] == [
        "id-missing", "source-missing", "type-missing", "specversion-missing", "time-missing",
        "token-missing",
    ]  # fmt: skip


def test_a_page_is_written_beside_the_report(url: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    ended = run(url, "--token-stdin", "--html", str(page), "--only", "not-json")
    assert ended.exit_code == 0
    assert "not-json" in page.read_text()
    nowhere = run(url, "--token-stdin", "--html", str(tmp_path / "no" / "x"), "--only", "not-json")
    assert (nowhere.exit_code, "--html" in nowhere.stderr) == (2, True)


def test_the_token_is_read_from_a_file_and_shown_nowhere(url: str, tmp_path: Path) -> None:
    file, page = tmp_path / "token", tmp_path / "report.html"
    file.write_text(f"{TOKEN}\n")
    ended = run(url + "?key=secret", "--token-file", str(file), "--html", str(page), "--json")
    assert ended.exit_code == 0
    for text in (ended.stdout, ended.stderr, page.read_text()):
        assert TOKEN not in text
        assert "secret" not in text


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (error(401, "UNAUTHENTICATED"), "does not take this token: 401 UNAUTHENTICATED"),
        (Reply(404), "this is the URL of no sink: 404"),
    ],
)
def test_where_no_sink_takes_the_token_nothing_else_is_sent(reply: Reply, words: str) -> None:
    received: list[Received] = []

    def decide(one: Received) -> Reply:
        received.append(one)
        return reply

    with serving(decide) as url:
        ended = run(url, "--token-stdin")
    assert (ended.exit_code, ended.stdout, len(received)) == (2, "", 1)
    assert ended.stderr.splitlines()[-1] == f"receiver: {url}: {words}".replace(
        ": does", ": the sink does"
    )


def test_where_nothing_answers_the_url_is_named() -> None:
    ended = run("http://127.0.0.1:9/hooks", "--token-stdin")
    assert (ended.exit_code, ended.stdout) == (2, "")
    last = "receiver: http://127.0.0.1:9/hooks: there is no sink: no answer (connect error)"
    assert ended.stderr.splitlines()[-1] == last


@pytest.mark.parametrize(
    ("arguments", "stdin", "named"),
    [
        (("ftp://sink.invalid", "--token-stdin"), TOKEN, "URL"),
        (("http://", "--token-stdin"), TOKEN, "URL"),
        (("http://127.0.0.1:port/", "--token-stdin"), TOKEN, "URL"),
        (("http://name@127.0.0.1:9/", "--token-stdin"), TOKEN, "URL"),
        (("http://127.0.0.1:9/",), TOKEN, "--token-stdin"),
        (("http://127.0.0.1:9/", "--token-stdin", "--token-file", "x"), TOKEN, "--token-stdin"),
        (("http://127.0.0.1:9/", "--token-file", "/nowhere/token"), TOKEN, "--token-file"),
        (("http://127.0.0.1:9/", "--token-stdin"), "two words", "the token"),
        (("http://127.0.0.1:9/", "--token-stdin"), "", "the token"),
        (("http://127.0.0.1:9/", "--token-stdin", "--only", "nothing"), TOKEN, "--only"),
    ],
)
def test_wrong_use_exits_2_and_is_named(arguments: tuple[str, ...], stdin: str, named: str) -> None:
    ended = run(*arguments, stdin=stdin)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert named in ended.stderr
    assert "two words" not in ended.stderr
