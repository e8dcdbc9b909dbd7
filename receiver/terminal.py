"""What may be written to a terminal, and to whatever stands in its place: colours and characters.

`NO_COLOR` (https://no-color.org) keeps every escape sequence away, `FORCE_COLOR` asks for colours
wherever they go, as rich reads it; else a terminal has them, and a pipe or a file has none.
"""

import os
from typing import IO


def is_plain() -> bool:
    """Returns whether no stream may get an escape sequence."""
    return os.environ.get("NO_COLOR", "") != ""


def shows_colour(stream: IO[str]) -> bool:
    """Returns whether a stream gets colours."""
    if is_plain():
        return False
    forced = os.environ.get("FORCE_COLOR")
    return forced != "" if forced is not None else stream.isatty()


def shows_progress(stream: IO[str]) -> bool:
    """Returns whether a stream gets a bar that is drawn over and over."""
    return stream.isatty() and not is_plain()


def make_printable(text: str) -> str:
    """Returns a text without what would steer a terminal, or is no character."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
