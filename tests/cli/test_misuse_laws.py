"""Laws of wrong use: no traceback, a status that the help names, and few lines that say what."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from receiver.cli.exits import read_exits
from receiver.store.credentials.credentials import Role, create_credential
from tests.support.bodies import cloudevent
from tests.support.command_line import Ended, run
from tests.support.every_command import every_command
from tests.support.sink import TOKEN, Sink

EVERY = dict(every_command())
PROGRAM = str(Path(sys.executable).with_name("receiver"))

# Nothing listens there, and nobody may make a folder there.
NO_DATABASE = "postgresql://127.0.0.1:1/nothing"
NO_FOLDERS = ("/proc/data", "/dev/null/data", f"/tmp/{'x' * 300}")  # noqa: S108 - never made

# What a command needs to begin; FILE stands for a file.
FILE = "<file>"
NEEDED: dict[str, tuple[str, ...]] = {
    "serve": ("--port", "0"),
    "simulate": ("--to", "http://127.0.0.1:1", "--token", TOKEN),
    "send": (FILE, "--to", "http://127.0.0.1:1"),
    "check": (FILE,),
    "distribute": ("--print",),
    "reprocess": ("--all",),
    "forget": ("--phone-number", "+99999991000"),
    "export": ("--output", FILE),
    "import": (FILE, "--credential", "operator"),
    "credential create": ("operator", "--role", "sink"),
    "credential rotate": ("operator",),
    "credential revoke": ("operator",),
    "subscription add": (FILE, "--credential", "operator"),
    "psql": ("-c", "SELECT 1"),
    "completion": ("bash",),
}
WITH_FILE = [name for name, needed in NEEDED.items() if FILE in needed]
# What they print of a failure is their report, on stdout.
REPORTING = {"check", "doctor", "send"}
# Usage, a hint, an empty line, the error, and a choice on each line.
LINES_MAX = 9


@pytest.fixture(autouse=True)
def no_sink_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_TOKEN", TOKEN)


def require_law(name: str, ended: Ended) -> str:
    """Requires the law of a command that ended, and returns all that it printed."""
    assert "Traceback" not in ended.stdout + ended.stderr
    assert ended.status in read_exits(EVERY[name].help or "")
    if ended.status != 0 and name not in REPORTING:
        assert ended.stderr.strip()
    assert len(ended.stderr.splitlines()) <= LINES_MAX, ended.stderr
    return ended.stdout + ended.stderr


def compose(name: str, file: str) -> list[str]:
    return [file if part == FILE else part for part in NEEDED.get(name, ())]


@pytest.mark.parametrize("name", [name for name in EVERY if name != "psql"])
def test_wrong_arguments_are_named(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", NO_DATABASE)
    needed = compose(name, str(tmp_path / "file"))
    unknown = run(*name.split(), *needed, "--loud")
    assert (unknown.status, "--loud" in require_law(name, unknown)) == (2, True)
    for arguments in ((), ("",), ("--",), ("\udcff",), ("x" * 10_000,)):
        require_law(name, run(*name.split(), *arguments))
        require_law(name, run(*name.split(), *needed, *arguments))


URLS = {"simulate": "--to", "send": "--to", "doctor": "--url", "tail": "--url"}


@pytest.mark.parametrize("url", ["", "\udcff", "http://", "http://a:b", "ftp://sink.example"])
@pytest.mark.parametrize(
    ("name", "option"), [*URLS.items(), ("tail", "--forward-to"), ("conformance", "")]
)
def test_what_is_no_url_is_told(
    name: str, option: str, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", NO_DATABASE)
    file = tmp_path / "file"
    file.write_bytes(cloudevent("roaming-on"))
    needed = [str(file)] if name == "send" else []
    given = [option, url] if option else [url, "--token-stdin"]
    ended = run(*name.split(), *needed, *given, stdin=TOKEN)
    require_law(name, ended)
    assert ended.status in (1, 2)


@pytest.mark.parametrize("name", EVERY)
def test_a_database_that_is_away_is_told(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", NO_DATABASE)
    monkeypatch.setenv("PATH", str(tmp_path))
    file = tmp_path / "file"
    file.write_bytes(cloudevent("roaming-on"))
    require_law(name, run(*name.split(), *compose(name, str(file))))


@pytest.mark.parametrize("folder", NO_FOLDERS, ids=["missing", "no folder", "too long"])
@pytest.mark.parametrize("name", EVERY)
def test_a_data_directory_that_cannot_be_made_is_told(
    name: str, folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECEIVER_DATA_DIR", folder)
    monkeypatch.delenv("RECEIVER_TOKEN")
    file = tmp_path / "file"
    file.write_bytes(cloudevent("roaming-on"))
    require_law(name, run(*name.split(), *compose(name, str(file))))


@pytest.mark.parametrize("name", EVERY)
def test_a_wrong_setting_is_named_and_not_repeated(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = {
        "PORT": "s3cret",
        "HOST": "\udcff",
        "LOG_LEVEL": "s3cret",
        "SPOOL_DIR": "/dev/null/s",
    }
    for setting, value in settings.items():
        with monkeypatch.context() as patched:
            patched.setenv("DATABASE_URL", NO_DATABASE)
            patched.setenv(f"RECEIVER_{setting}", value)
            ended = run(*name.split(), *compose(name, str(tmp_path / "file")))
        assert "s3cret" not in require_law(name, ended)


def files(folder: Path) -> Iterator[str]:
    """Files that are no notification; the last one has no end."""
    contents = {"empty": b"", "binary": bytes(range(256)) * 40, "text": b"{\n[\n", "null": b"null"}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        yield str(folder / name)
    yield from (str(folder), str(folder / "absent"), str(folder / "empty" / "below"))
    yield from ("\0", str(folder / "no\udcfftext"), str(folder / ("x" * 300)), "")
    yield "/dev/zero"


@pytest.mark.parametrize("name", WITH_FILE)
def test_a_file_that_is_none_is_told(
    name: str, monkeypatch: pytest.MonkeyPatch, conninfo: str, sink: Sink, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    create_credential(conninfo, "operator", Role.SINK, b"\1", None)
    for file in files(tmp_path):
        arguments = compose(name, file)
        if name == "send":
            arguments[arguments.index("--to") + 1] = sink.url
        assert require_law(name, run(*name.split(), *arguments))


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://", 2),
        ("http://[::1", 2),
        ("x", 2),
        ("http://u:s3cret@h", 2),
        ("http://127.0.0.1:1", None),
    ],
)
@pytest.mark.parametrize("name", ["simulate", "send"])
def test_a_wrong_url_of_a_sink_is_told(
    name: str, url: str, status: int | None, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(cloudevent("roaming-on"))
    arguments = [part.replace("http://127.0.0.1:1", url) for part in compose(name, str(file))]
    ended = run(name, *arguments)
    assert "s3cret" not in require_law(name, ended)
    assert ended.status == (status or {"simulate": 1, "send": 2}[name])


# Now as processes, since these are of the process.

ENVIRONMENT = {"PATH": os.defpath, "DATABASE_URL": NO_DATABASE, "RECEIVER_TOKEN": TOKEN}


def run_in_shell(script: str, *arguments: str | bytes, **environment: str) -> Ended:
    """Runs a script of a shell, in which `$0` is the program."""
    ended = subprocess.run(
        ["/bin/sh", "-c", script, PROGRAM, *arguments],
        env=ENVIRONMENT | environment,
        capture_output=True,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        ("exec 3>&1; { \"$0\" config; echo $? >&3; } | true", 0, "1\n"),
        ("exec \"$0\" config >/dev/full", 1, "No space left on device"),
        ("exec \"$0\" config --loud 2>/dev/full", 1, ""),
        ("exec \"$0\" check <&- >&- 2>&-", 2, ""),
        ("exec \"$0\" send - --to http://127.0.0.1:1 <&-", 2, "nothing answered"),
    ],
)  # fmt: skip
def test_streams_that_are_closed_or_full_end_it_quietly(
    script: str, status: int, said: str
) -> None:
    ended = run_in_shell(script)
    assert ended.status == status
    assert said in ended.stdout + ended.stderr
    for word in ("Traceback", "Exception ignored"):
        assert word not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"PYTHONIOENCODING": "ascii"},
        {"LANG": "nothing", "LC_ALL": "nothing", "HOME": "/nonexistent", "COLUMNS": "x"},
    ],
    ids=["C", "ascii", "nothing"],
)
def test_a_name_that_is_no_text_is_told_in_any_locale(environment: dict[str, str]) -> None:
    ended = run_in_shell('exec "$0" check "$1"', b"/nonexistent/na\xff\xc3\xb6me", **environment)
    assert (ended.status, ended.stderr) == (2, "")
    assert "cannot be read (No such file or directory)" in ended.stdout


@pytest.mark.parametrize("is_reading", [True, False], ids=["a file", "an answer"])
def test_ctrl_c_ends_it_quietly(is_reading: bool, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        file = tmp_path / "file"
        if is_reading:
            os.mkfifo(file)
        else:
            file.write_bytes(cloudevent("roaming-on"))
        running = subprocess.Popen(
            [PROGRAM, "send", str(file), "--to", url],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        # It is there once it has opened the file, or connected.
        with file.open("wb") if is_reading else server.accept()[0]:
            running.send_signal(signal.SIGINT)
            stdout, stderr = running.communicate(timeout=60)
    assert (running.returncode, stdout, stderr.strip()) == (130, b"", b"")
