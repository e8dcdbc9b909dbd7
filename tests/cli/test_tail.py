"""`receiver tail`: what it needs, and what it says where it cannot follow."""

from pathlib import Path

import pytest

from tests.support.command_line import error_of, run
from tests.support.described import schemas
from tests.support.environment import no_settings as no_settings
from tests.support.scripted import answer, event_block, scripted, stream

END = answer(401, '{"code": "UNAUTHENTICATED", "message": "The bearer token is not known"}')


def test_events_are_lines_and_how_to_go_on_is_on_stderr() -> None:
    told = stream("retry: 1\n\n", event_block("a"))
    with scripted(told, END) as service:
        ended = run("tail", "--url", service.url, "--token-stdin", "--kind=roaming", stdin="t\n")
    assert ended.stdout.split("  ")[1] == "+99999991000"
    assert ended.status == 1
    assert ended.stderr.splitlines() == [
        f"Following {service.url}; Ctrl-C ends it.",
        "Go on with --after-id=a",
        "receiver: 401 UNAUTHENTICATED: The bearer token is not known",
    ]
    request, _ = service.requests
    assert request.startswith("GET /events/stream?kind=roaming ")
    assert "authorization: Bearer t" in request


def test_filters_are_those_of_questions() -> None:
    asked = {
        "type": "t",
        "kind": "roaming",
        "name": "n",
        "source": "s",
        "credential": "c",
        "subscriptionId": "i",
        "finding": "draft-form",
        "occurredFrom": "2026-04-17T00:00:00Z",
        "receivedTo": "2026-04-18T00:00:00Z",
    }
    options = [
        f"--{''.join(f'-{c.lower()}' if c.isupper() else c for c in name)}={value}"
        for name, value in asked.items()
    ]
    with scripted(END) as service:
        run("tail", "--url", service.url, "--token-stdin", *options, stdin="t\n")
    [request] = service.requests
    for name, value in asked.items():
        assert f"{name}={value.replace(':', '%3A')}" in request.partition(" HTTP")[0]
    filters = schemas()["RetrieveEvents"]["properties"].keys()
    assert asked.keys() <= filters


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["ftp://h", "t"], "url: must begin with http:// or https:// and a host"),
        (["http://127.0.0.1:1", "two words"], "token: not a bearer token"),
    ],
)
def test_what_cannot_be_asked_is_one_line(options: list[str], message: str) -> None:
    url, token = options
    assert error_of(run("tail", "--url", url, "--token-stdin", stdin=f"{token}\n")) == message


def test_without_a_token_of_the_first_start_one_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECEIVER_DATA_DIR", str(tmp_path))
    assert error_of(run("tail")).endswith("give --token-stdin")


@pytest.mark.parametrize(
    "options",
    [
        ["--occurred-from", "today"],
        ["--forward-to", "hook"],
        ["--forward-to", "http://"],
        ["--after-id="],
    ],
)
def test_a_wrong_option_is_a_wrong_use(options: list[str]) -> None:
    assert run("tail", "--token-stdin", *options, stdin="t\n").status == 2
