"""The log of the server: private, and of bounded size."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LARGEST_BYTES = 10 * 1024 * 1024  # years of starts and stops; errors of clients are not logged
TAIL_BYTES = 4096  # more than ten lines of a failed start
TAIL_LINES = 10  # what an error message shows: the cause stands at the end


@dataclass(frozen=True, slots=True)
class ServerLog:
    """An open log.

    Attributes:
        begin: offset of this server's first line, in bytes.
    """

    descriptor: int
    begin: int

    def tail(self) -> str:
        """Returns the last lines of this server, empty if it printed none."""
        end = os.fstat(self.descriptor).st_size
        begin = max(self.begin, end - TAIL_BYTES)
        text = os.pread(self.descriptor, end - begin, begin).decode(errors="replace")
        return "\n".join(text.splitlines()[-TAIL_LINES:])


@contextmanager
def open_log(path: Path) -> Iterator[ServerLog]:
    """Opens the log to append to it; a large one first replaces the one that was put aside."""
    if path.exists() and path.stat().st_size > LARGEST_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        yield ServerLog(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)
