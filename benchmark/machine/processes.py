"""Starts programs, measures them, and ends them by their own process ids."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

ROOT = Path(__file__).parents[2]
# The service may take 30 s by default to answer open requests; the rest is for its own end.
STOP_SECONDS = 40.0
# Variables that begin with these would change the product, Python, or a client of Postgres.
FOREIGN = (
    *("DATABASE_", "RECEIVER_", "BENCHMARK_", "PG", "PYTHON", "OTEL_", "FASTAPI_"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
)


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of one process, in bytes; the proportional set has a part of shared pages."""

    resident: int
    proportional: int


def make_environment(**variables: str) -> dict[str, str]:
    """Returns the outer environment without what would change a contender, and with these."""
    outer = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(FOREIGN)
    }
    return {**outer, **variables}


@contextmanager
def run(
    command: Sequence[str | Path],
    variables: Mapping[str, str],
    log: Path,
    *,
    directory: Path = ROOT,
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program for the length of the block; at its end none of its processes is left.

    Args:
        log: receives what the program prints.
        directory: where it starts; Python finds modules there when it runs one by `-m`.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=make_environment(**variables),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def find_free_port() -> int:
    """Returns a free port of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def read_cpu_seconds(pid: int) -> float:
    """Returns the CPU time of a process and all below it, ended children included."""
    root = psutil.Process(pid)
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
            if process == root:
                total += times.children_user + times.children_system
    return total


def read_memory(pid: int) -> Memory:
    """Returns the memory of the largest among a process and all below it."""
    root = psutil.Process(pid)
    held = [Memory(0, 0)]
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            full = process.memory_full_info()
            held.append(Memory(full.rss, full.pss))
    return max(held, key=lambda one: one.proportional)


def leave_on_signals() -> None:
    """Lets SIGTERM and SIGHUP leave every block on the way out: no program is left running."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)


def _end(process: subprocess.Popen[bytes]) -> None:
    below: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        below = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    finally:
        # Also at a second Ctrl-C.
        process.kill()
        process.wait()
        for orphan in below:
            with suppress(psutil.NoSuchProcess):
                orphan.kill()
