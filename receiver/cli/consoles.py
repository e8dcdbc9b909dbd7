"""Consoles of rich that heed NO_COLOR wholly: rich itself leaves bold letters and moves."""

from typing import IO

from rich.console import Console

from receiver.terminal import is_plain


def open_console(*, stderr: bool = False, highlight: bool = True) -> Console:
    """Returns a console on stdout or stderr.

    Args:
        highlight: whether numbers and the like have colours of their own.
    """
    return Console(stderr=stderr, highlight=highlight, force_terminal=False if is_plain() else None)


def open_file_console(file: IO[str], width: int) -> Console:
    """Returns a console on a file, which has no terminal and no colour.

    Args:
        width: in columns.
    """
    return Console(file=file, width=width, highlight=False, no_color=True, force_terminal=False)
