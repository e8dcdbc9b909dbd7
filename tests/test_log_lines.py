"""Whoever logs never waits for the reader of the log."""

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from receiver import log_lines
from receiver.log_lines import LogLines, drained, lines_to_stderr

# What a pipe holds, and more.
MUCH = 100
LINE = "x" * 4_000 + "\n"

LAST_WORDS = """
from receiver.log_lines import lines_to_stderr

lines = lines_to_stderr()
for number in range(1000):
    lines.write(f"{number}\\n")
"""


class Pipe:
    """A pipe, and what was read of it."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()

    def read(self, size: int) -> bytes:
        read = b""
        while len(read) < size:
            read += os.read(self.reader, size - len(read))
        return read


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    os.close(made.reader)
    # The thread may be about to write; its descriptor must not become that of another file.
    os.dup2(os.open(os.devnull, os.O_WRONLY), made.writer)


def test_lines_are_written_in_order(pipe: Pipe) -> None:
    lines = LogLines(pipe.writer)
    for number in range(20):
        lines.write(f"line {number} ☃ \ud800\n")
    told = "".join(f"line {number} ☃ \\ud800\n" for number in range(20)).encode()
    assert pipe.read(len(told)) == told


def test_nobody_waits_for_the_thread_that_writes(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever logs runs the event loop, and would hold up every request with it."""
    lines = LogLines(pipe.writer)
    waiting: list[threading.Thread] = []
    wait = lines._changed.wait

    def note_and_wait(timeout: float | None = None) -> bool:
        waiting.append(threading.current_thread())
        return wait(timeout)

    monkeypatch.setattr(lines._changed, "wait", note_and_wait)
    for _ in range(MUCH):
        lines.write("line\n")
    assert pipe.read(5 * MUCH) == b"line\n" * MUCH
    assert threading.current_thread() not in waiting


def test_the_thread_rests_so_that_it_is_not_woken_for_each_line(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting, go_on = threading.Event(), threading.Event()

    def rest(_seconds: float) -> None:
        resting.set()
        assert go_on.wait(60)

    monkeypatch.setattr(time, "sleep", rest)
    lines = LogLines(pipe.writer)
    lines.write("first\n")
    assert pipe.read(6) == b"first\n"
    assert resting.wait(10)
    for _ in range(MUCH):
        lines.write("line\n")
    os.set_blocking(pipe.reader, False)
    with pytest.raises(BlockingIOError):
        os.read(pipe.reader, 1)
    os.set_blocking(pipe.reader, True)
    go_on.set()
    assert pipe.read(5 * MUCH) == b"line\n" * MUCH


def test_the_last_words_are_written_before_a_process_ends() -> None:
    told = subprocess.run(
        [sys.executable, "-c", LAST_WORDS], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stderr == "".join(f"{number}\n" for number in range(1000))


def test_a_command_says_its_last_words_behind_its_log(pipe: Pipe) -> None:
    lines = LogLines(pipe.writer)
    with pytest.raises(ZeroDivisionError), drained(lines):  # noqa: PT012 - both are of the block
        lines.write("logged\n")
        raise ZeroDivisionError
    os.write(pipe.writer, b"said\n")
    assert pipe.read(12) == b"logged\nsaid\n"


def test_a_process_has_one_writer_of_its_log() -> None:
    assert lines_to_stderr() is lines_to_stderr()


def test_a_pipe_that_nobody_reads_holds_up_no_end(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_lines, "LAST_WORDS_SECONDS", 0.01)
    lines = LogLines(pipe.writer)
    for _ in range(MUCH):
        lines.write(LINE)
    lines.drain()
    assert pipe.read(MUCH * len(LINE)) == LINE.encode() * MUCH


def test_a_pipe_that_nobody_reads_holds_nobody_up(pipe: Pipe) -> None:
    lines = LogLines(pipe.writer, limit_bytes=50 * len(LINE))
    dropped: list[int] = []
    lines.count_dropped = dropped.append
    written = threading.Event()

    def write() -> None:
        for _ in range(MUCH):
            lines.write(LINE)
        written.set()

    threading.Thread(target=write, daemon=True).start()
    assert written.wait(60)
    assert sum(dropped) > 0
    kept = MUCH - sum(dropped)
    assert kept >= 50
    assert pipe.read(kept * len(LINE)) == LINE.encode() * kept


def test_a_reader_that_comes_back_gets_whole_lines_and_later_ones_too(pipe: Pipe) -> None:
    lines = LogLines(pipe.writer, limit_bytes=30 * len(LINE))
    dropped: list[int] = []
    lines.count_dropped = dropped.append
    for _ in range(MUCH):
        lines.write(LINE)
    kept = MUCH - sum(dropped)
    assert pipe.read(kept * len(LINE)) == LINE.encode() * kept
    lines.write("later\n")
    assert pipe.read(6) == b"later\n"
    assert sum(dropped) == MUCH - kept


def test_a_pipe_without_a_reader_drops_lines_and_raises_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    lines = LogLines(writer)
    dropped: list[int] = []
    both = threading.Event()

    def count(number: int) -> None:
        dropped.append(number)
        if len(dropped) == 2:
            both.set()

    lines.count_dropped = count
    lines.write("lost\n")
    lines.write("lost\n")
    assert both.wait(60)
    os.close(writer)


def test_a_pipe_that_does_not_block_is_waited_for(pipe: Pipe) -> None:
    os.set_blocking(pipe.writer, False)
    lines = LogLines(pipe.writer)
    for _ in range(MUCH):
        lines.write(LINE)
    assert pipe.read(MUCH * len(LINE)) == LINE.encode() * MUCH


def test_nobody_waits_for_a_line_within_the_writing_of_one(pipe: Pipe) -> None:
    """A signal handler or a finaliser may log while a line is written."""
    lines = LogLines(pipe.writer)
    lines.count_dropped = lambda _: lines.write("dropped\n")
    lines.write("x" * (2 * 1024 * 1024))
    assert pipe.read(8) == b"dropped\n"


@pytest.mark.parametrize("stderr", [None, io.StringIO()])
def test_a_stderr_that_is_no_file_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    assert lines_to_stderr.__wrapped__() is None
