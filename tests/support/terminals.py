"""A command whose stdout and stderr are a terminal."""

import os
import pty
import sys
import threading
import tty

from receiver.cli.main import main
from tests.support.command_line import Ended


def run_on_terminal(*arguments: str) -> Ended:
    """Runs a command in this process; `stdout` is all that the terminal got."""
    outer, inner = pty.openpty()
    tty.setraw(inner)
    printed: list[bytes] = []

    def read() -> None:
        # The end of a terminal is an error on Linux.
        while True:
            try:
                piece = os.read(outer, 65_536)
            except OSError:
                return
            if not piece:
                return
            printed.append(piece)

    reader = threading.Thread(target=read, name="terminal")
    reader.start()
    before = sys.argv, sys.stdout, sys.stderr
    try:
        with open(inner, "w", encoding="utf-8") as terminal:  # noqa: PTH123 - a descriptor
            sys.argv, sys.stdout, sys.stderr = ["receiver", *arguments], terminal, terminal
            try:
                main()
            except SystemExit as exit_:
                status = exit_.code
            else:
                status = 0
    finally:
        sys.argv, sys.stdout, sys.stderr = before
        reader.join()
        os.close(outer)
    assert isinstance(status, int)
    return Ended(status, b"".join(printed).decode(), "")
