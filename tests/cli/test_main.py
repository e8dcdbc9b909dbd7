"""`receiver` itself: help, version, and one line for an error instead of a traceback."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.command_line import error_of, run


def test_the_version_is_that_of_the_distribution() -> None:
    ended = run("--version")
    assert (ended.status, ended.stdout) == (0, f"{version('device-status-receiver')}\n")


def test_python_can_run_the_package() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "receiver", "--version"], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, run("--version").stdout)


def test_without_arguments_the_help_is_printed() -> None:
    ended = run()
    assert "Commands:" in ended.stdout + ended.stderr


@pytest.mark.parametrize("arguments", [("destroy",), ("--loud",), ("check", "--loud")])
def test_wrong_use_exits_2_and_names_itself(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert (ended.status, ended.stdout) == (2, "")
    assert arguments[-1] in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_error_of_ours_is_one_line_and_exits_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "s3cret")
    assert error_of(run("migrate")).startswith("RECEIVER_PORT: ")


STREAMS = """
import os, sys
from receiver.cli.main import open_missing_streams
open_missing_streams()
print("nobody reads this")
sys.stdout.flush()
opened = os.open(sys.argv[1], os.O_WRONLY)
assert opened > 2, opened
assert {os.path.realpath(f"/proc/self/fd/{number}") for number in CLOSED} == {"/dev/null"}
assert [stream.fileno() for stream in (sys.stdin, sys.stdout, sys.stderr)] == [0, 1, 2]
child = "import sys; assert None not in (sys.stdin, sys.stdout, sys.stderr)"
os.execv(sys.executable, [sys.executable, "-c", child])
"""


@pytest.mark.parametrize("closed", [(1,), (0, 1), (0, 1, 2)])
def test_a_closed_stream_is_the_null_device_and_no_other_file(
    tmp_path: Path, closed: tuple[int, ...]
) -> None:
    other = tmp_path / "other"
    other.touch()
    closing = " ".join(f"{number}>&-" for number in closed)
    program = f"CLOSED = {closed}\n{STREAMS}"
    ended = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", sys.executable, "-c", program, str(other)],
        check=False,
    )
    assert (ended.returncode, other.read_text()) == (0, "")
