"""Programs of Postgres as direct children that end when this process ends, however it ends."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from receiver.postgres.account import Account

PR_SET_PDEATHSIG = 1


def start(account: Account, command: Sequence[str | Path], output: int) -> subprocess.Popen[bytes]:
    """Starts a program as ``account``, in a session of its own, told by SIGINT when we die.

    Args:
        account: the user to run as; anyone but ourselves takes root.
        command: the program and its arguments.
        output: a file descriptor for what it prints, or ``subprocess.PIPE``.

    Raises:
        RuntimeError: not called from the main thread.
        OSError: the program cannot be executed.
    """
    if threading.current_thread() is not threading.main_thread():
        # Linux sends the signal when the forking *thread* ends, not the process.
        raise RuntimeError("the embedded Postgres is started from the main thread only")
    return subprocess.Popen(  # noqa: S603 - the programs are those of the wheel
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        # Ours may be closed to the account; and our environment holds PG* variables and secrets.
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        umask=0o077,
        start_new_session=True,
        user=None if account.is_ours else account.uid,
        group=None if account.is_ours else account.gid,
        extra_groups=None if account.is_ours else account.groups,
        # Runs after the change of user, which would clear the signal.
        preexec_fn=_death_signal(),
    )


def run(account: Account, command: Sequence[str | Path]) -> tuple[int, str]:
    """Runs a program to its end; returns its exit status and all that it printed."""
    process = start(account, command, subprocess.PIPE)
    try:
        output, _ = process.communicate()
    except BaseException:  # an interrupt too owes us a child that is gone and reaped
        process.kill()
        process.communicate()
        raise
    return process.returncode, output.decode(errors="replace")


def _death_signal() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    # Looked up before the fork: afterwards a lock of the loader could be held for ever.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_for_signal() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:  # we died before the child could ask
            os._exit(1)

    return ask_for_signal
