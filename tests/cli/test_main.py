"""`receiver` itself: help, version, and one line for an error instead of a traceback."""

import subprocess
import sys
from importlib.metadata import version

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
