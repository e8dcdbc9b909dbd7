"""Programs that are started, watched and ended by their own process id."""

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.service import FOREIGN

ROOT = Path(__file__).parents[1]
STOP_SECONDS = 40.0
KIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """What one process holds, in bytes; of what it shares, the proportional set has its part."""

    resident: int
    proportional: int


def environment(**variables: str) -> dict[str, str]:
    """The outer world's without what would change a contender, and with these."""
    outer = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(FOREIGN)
    }
    return {**outer, **variables}


@contextmanager
def running(
    command: Sequence[str | Path],
    variables: Mapping[str, str],
    log: Path,
    *,
    pass_fds: Sequence[int] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """A program for the length of the block; at its end nothing of it is left.

    Args:
        log: what it prints is appended here.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=environment(**variables),
            pass_fds=pass_fds,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """What a process and all below it have used, those that ended and were waited for included."""
    root = psutil.Process(pid)
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
            if process == root:
                total += times.children_user + times.children_system
    return total


def memory(pid: int) -> Memory:
    """What the process that serves holds; of several, the one that holds most."""
    root = psutil.Process(pid)
    held = [Memory(0, 0)]
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            full = process.memory_full_info()
            held.append(Memory(full.rss, full.pss))
    return max(held, key=lambda one: one.proportional)


def _end(process: subprocess.Popen[bytes]) -> None:
    below: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        below = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    finally:
        # At a second Ctrl-C too.
        process.kill()
        process.wait()
        for orphan in below:
            with suppress(psutil.NoSuchProcess):
                orphan.kill()
