"""Consoles: no escape sequence where NO_COLOR is set, whatever else says."""

import pytest

from receiver.cli.consoles import open_console


@pytest.mark.parametrize(("plain", "is_terminal"), [("", True), ("1", False)])
def test_a_console_is_no_terminal_where_no_colour_is_wanted(
    monkeypatch: pytest.MonkeyPatch, plain: str, is_terminal: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", plain)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert open_console(stderr=True).is_terminal is is_terminal
