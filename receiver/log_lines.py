"""Lines of the log on their way to a reader that may be slow, or read nothing any more.

A pipe holds 64 KiB; to write into a full one waits for its reader, and a process that waits for the
reader of its log answers nobody. So a thread of its own writes, and what it cannot write waits in
bounded room.
"""

import atexit
import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

# Bytes that may wait: some thousand lines.
LIMIT_BYTES = 1024 * 1024

# How long the thread rests once all is written: to wake it takes whoever logs longer than the rest
# of his line, so a busy process wakes it for fifty lines a second and not for all.
REST_SECONDS = 0.02

# How long a process waits at its end for its last words to be written. Nobody waits for a line
# before: two turns of threads a line held up all requests of a busy process, for 24 ms at worst.
LAST_WORDS_SECONDS = 0.5


class LogLines:
    """A stream for the log, whose `write` waits for nobody; beyond a bound lines drop.

    Attributes:
        count_dropped: called with 1 for each line that is dropped.

    Args:
        descriptor: of the open file that is written to; it stays open.
        limit_bytes: of lines that may wait.
    """

    def __init__(self, descriptor: int, limit_bytes: int = LIMIT_BYTES) -> None:
        self.count_dropped: Callable[[int], None] = lambda _: None
        self._descriptor = descriptor
        self._limit_bytes = limit_bytes
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="log lines", daemon=True).start()

    def write(self, text: str) -> None:
        """Takes a line; it is written soon, or dropped where too many wait."""
        line = text.encode("utf-8", "backslashreplace")
        with self._changed:
            if self._waiting_bytes + len(line) > self._limit_bytes:
                is_dropped = True
            else:
                is_dropped = False
                self._waiting.append(line)
                self._waiting_bytes += len(line)
                self._changed.notify_all()
        if is_dropped:
            self.count_dropped(1)

    def flush(self) -> None:
        """Does nothing: a handler calls it behind each line."""

    def drain(self) -> None:
        """Waits until what was taken is written, but not for long: nobody may read it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting, LAST_WORDS_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                line = self._waiting[0]
            is_written = self._write_whole(line)
            with self._changed:
                self._waiting.popleft()
                self._waiting_bytes -= len(line)
                is_empty = not self._waiting
                self._changed.notify_all()
            if not is_written:
                self.count_dropped(1)
            if is_empty:
                time.sleep(REST_SECONDS)

    def _write_whole(self, line: bytes) -> bool:
        """Writes a line, however long that takes; returns whether there is a reader at all."""
        try:
            while line:
                try:
                    line = line[os.write(self._descriptor, line) :]
                except BlockingIOError:
                    # Another process that shares the pipe has set it not to block.
                    select.select([], [self._descriptor], [])
        except OSError:
            return False
        return True


@cache
def lines_to_stderr() -> LogLines | None:
    """Returns what writes to stderr, the last words too; None: it is no file of this process.

    A process has one, so that its lines come in order.
    """
    try:
        lines = LogLines(sys.stderr.fileno())
    except (AttributeError, OSError):
        return None
    atexit.register(lines.drain)
    return lines


@contextmanager
def drained(lines: LogLines | None) -> Iterator[None]:
    """Writes what was logged in the block before what a command says behind it."""
    try:
        yield
    finally:
        if lines is not None:
            lines.drain()
