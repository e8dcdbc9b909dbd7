"""Consoles: no escape sequence where NO_COLOR is set, whatever else says."""

from io import StringIO

import pytest

from receiver.cli.consoles import open_console, open_file_console


@pytest.mark.parametrize(("plain", "is_terminal"), [("", True), ("1", False)])
def test_a_console_is_no_terminal_where_no_colour_is_wanted(
    monkeypatch: pytest.MonkeyPatch, plain: str, is_terminal: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", plain)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert open_console(stderr=True).is_terminal is is_terminal


def test_a_file_has_no_colour_though_it_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    written = StringIO()
    open_file_console(written, 20).print("[bold red]forty columns are two lines of a file[/]")
    assert written.getvalue().split("\n") == ["forty columns are ", "two lines of a file", ""]
