"""Laws of colour: a pipe has no escape sequence, nor has a terminal where NO_COLOR is set."""

from collections.abc import Callable
from pathlib import Path

import pytest

from receiver.store.credentials.credentials import Role, create_credential
from tests.support.bodies import cloudevent
from tests.support.command_line import run
from tests.support.paths import ROOT
from tests.support.sink import TOKEN, Sink
from tests.support.terminals import run_on_terminal

ESCAPE = "\x1b"
# With a finding; a log of the console's form, and a bar.
BODY = cloudevent("roaming-on", {"subscriptionId": "1", "roaming": "on"})


@pytest.fixture(autouse=True)
def a_terminal_with_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("RECEIVER_LOG_FORMAT", "console")


Arguments = Callable[[str], tuple[str, ...]]


@pytest.fixture
def arguments(
    monkeypatch: pytest.MonkeyPatch, conninfo: str, sink: Sink, tmp_path: Path
) -> Arguments:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    create_credential(conninfo, "operator", Role.SINK, b"\1", None)
    captured = tmp_path / "captured.json"
    captured.write_bytes(BODY + b"\n")
    of = {
        "check": (str(captured),),
        "simulate": ("--to", sink.url, "--token", TOKEN, "--count", "30", "--faults"),
        "import": (str(captured), "--credential", "operator"),
        "export": ("--output", str(tmp_path / "exported")),
        "config": (),
        "doctor": (),
        "help": (),
        "nothing": (),
    }

    def compose(name: str) -> tuple[str, ...]:
        return ("check", "--help") if name == "help" else (name, *of[name])

    return compose


COLOURED = ("check", "simulate", "import", "export")
PLAIN = ("config", "doctor", "help", "nothing")


@pytest.mark.parametrize("name", [*COLOURED, *PLAIN])
def test_a_pipe_has_no_escape_sequence(arguments: Arguments, name: str) -> None:
    ended = run(*arguments(name))
    assert ended.stdout + ended.stderr
    assert ESCAPE not in ended.stdout + ended.stderr


@pytest.mark.parametrize("name", [*COLOURED, *PLAIN])
def test_a_terminal_has_none_where_no_colour_is_wanted(
    arguments: Arguments, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    # It weighs less.
    monkeypatch.setenv("FORCE_COLOR", "1")
    ended = run_on_terminal(*arguments(name))
    assert ended.stdout
    assert ESCAPE not in ended.stdout


@pytest.mark.parametrize("name", COLOURED)
def test_a_terminal_has_colours(arguments: Arguments, name: str) -> None:
    assert ESCAPE in run_on_terminal(*arguments(name)).stdout


@pytest.mark.parametrize("name", ["check", "simulate", "import"])
def test_a_pipe_has_colours_where_they_are_forced_and_no_bar(
    arguments: Arguments, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    ended = run(*arguments(name))
    assert ESCAPE in ended.stdout + ended.stderr
    # What moves the cursor or hides it.
    assert f"{ESCAPE}[?25l" not in ended.stdout + ended.stderr


def test_one_module_makes_consoles_and_two_ask_whether_a_stream_is_a_terminal() -> None:
    asking = {
        str(path.relative_to(ROOT / "receiver")): words
        for path in sorted((ROOT / "receiver").rglob("*.py"))
        if (words := {word for word in (" Console(", ".isatty()") if word in path.read_text()})
    }
    assert asking == {
        "cli/consoles.py": {" Console("},
        # Which form the log has, not whether it is coloured.
        "log.py": {".isatty()"},
        "terminal.py": {".isatty()"},
    }
