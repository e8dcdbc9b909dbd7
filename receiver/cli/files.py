"""Files that a command is given by name: bounded, and a reason in words where one is not read."""

import sys
from pathlib import Path

# The file name that stands for standard input.
STDIN = "-"


def read_file(file: str, limit_bytes: int) -> bytes:
    """Returns the content of a file, or of stdin, at most one byte more than a limit.

    Whoever judges the content finds it too large; a device without an end is not read to it.

    Raises:
        OSError, ValueError: it cannot be read; `explain_unread` says why.
    """
    if file == STDIN:
        return sys.stdin.buffer.read(limit_bytes + 1)
    with Path(file).open("rb") as opened:
        return opened.read(limit_bytes + 1)


def explain_unread(error: Exception) -> str:
    """Returns in a few words why a file cannot be read."""
    if isinstance(error, OSError):
        return error.strerror or "no reason is given"
    return "no text" if isinstance(error, UnicodeError) else "not a file name"
