"""The file ``postmaster.pid``: the server's pid, its socket directory and its status."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from receiver.errors import ConfigurationError

POLL_SECONDS = 0.05  # a start takes about half a second, so polling adds at most a tenth to it
READY = "ready"


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The file's lines 1, 5 and 8, as Postgres 18 writes them (``utils/pidfile.h``)."""

    pid: int
    socket_directory: Path
    status: str

    @property
    def is_ready(self) -> bool:
        """Whether recovery is over and connections are accepted."""
        return self.status == READY

    def is_ready_as(self, pid: int) -> bool:
        """Tells whether this very process is ready; the file may still be a predecessor's."""
        return self.is_ready and self.pid == pid


def read_postmaster(cluster: Path) -> Postmaster | None:
    """Reads the file; returns None while it is absent or not yet fully written."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), Path(lines[4]), lines[7].strip())
    except (FileNotFoundError, IndexError, ValueError):
        return None


def outlive_predecessor(cluster: Path, timeout_seconds: float) -> None:
    """Waits for the end of a killed owner's server, and makes its pid file harmless.

    Only the owner of the data directory may call it, because any server there has lost its own.

    Raises:
        ConfigurationError: the server does not end in time.
    """
    deadline = time.monotonic() + timeout_seconds
    is_interrupted = False
    while (pid := _running(cluster)) is not None:
        if not is_interrupted:
            # On Linux the kernel sent it already; a second SIGINT is harmless.
            _interrupt(pid)
            is_interrupted = True
        if time.monotonic() > deadline:
            raise ConfigurationError(
                f"a Postgres without its receiver (process {pid}) still runs on {cluster};"
                " end it with SIGINT"
            )
        time.sleep(POLL_SECONDS)
    _disown(cluster / "postmaster.pid")


def _running(cluster: Path) -> int | None:
    """Returns the pid of the server on the cluster; None if the file names no living one."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    program, *arguments = _command(pid) or [""]
    return pid if Path(program).name == "postgres" and str(cluster) in arguments else None


def _command(pid: int) -> list[str]:
    """Returns the command of a process, empty if it is gone; a pid is soon another program's."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            return []
    command = ("ps", "-o", "args=", "-p", str(pid))
    return subprocess.run(command, capture_output=True, text=True).stdout.split()  # noqa: S603 - a number


def _interrupt(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return


def _disown(pid_file: Path) -> None:
    """Makes a stale file harmless: Postgres refuses to start while its pid is *anybody's*.

    The pid becomes our own, a parent's, which Postgres takes for stale; the shared memory key
    stays, by which it still notices backends that outlived their server.
    """
    try:
        _, *rest = pid_file.read_text().splitlines(keepends=True)
    except FileNotFoundError:
        return
    except ValueError:
        pid_file.unlink()  # empty: the machine went down while it was written
        return
    descriptor = os.open(pid_file, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "w") as file:
        file.writelines([f"{os.getpid()}\n", *rest])
