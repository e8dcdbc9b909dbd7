"""Colours go where they are wanted; characters that steer go nowhere."""

import io

import pytest

from receiver.terminal import is_plain, make_printable, shows_colour, shows_progress


class Stream(io.StringIO):
    """A stream that is a terminal or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.mark.parametrize(
    ("no_colour", "forced", "on_terminal", "in_pipe"),
    [
        ("", None, True, False),
        ("1", None, False, False),
        ("1", "1", False, False),
        ("", "1", True, True),
        ("", "", False, False),
    ],
)
def test_the_environment_and_the_stream_decide_on_colours(
    monkeypatch: pytest.MonkeyPatch,
    no_colour: str,
    forced: str | None,
    on_terminal: bool,
    in_pipe: bool,
) -> None:
    monkeypatch.setenv("NO_COLOR", no_colour)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    if forced is not None:
        monkeypatch.setenv("FORCE_COLOR", forced)
    assert is_plain() is bool(no_colour)
    assert shows_colour(Stream(is_terminal=True)) is on_terminal
    assert shows_colour(Stream(is_terminal=False)) is in_pipe
    assert shows_progress(Stream(is_terminal=True)) is not bool(no_colour)
    assert shows_progress(Stream(is_terminal=False)) is False


def test_what_steers_a_terminal_or_is_no_character_is_replaced() -> None:
    assert make_printable("ä b\x1b[0m\udcff\n") == "ä b\ufffd[0m\ufffd\ufffd"
