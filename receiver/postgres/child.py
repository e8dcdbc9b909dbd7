"""Programs of Postgres as direct children that end when this process ends, however it ends."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from receiver.postgres.accounts.account import Account

PR_SET_PDEATHSIG = 1


def start(account: Account, command: Sequence[str | Path], output: int) -> subprocess.Popen[bytes]:
    """Starts a program as ``account``, in a session of its own, that gets SIGINT when we die.

    Args:
        account: the user to run as; a user other than ours takes root.
        command: the program and its arguments.
        output: a file descriptor for its output, or ``subprocess.PIPE``.

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
        # Our directory may be closed to the account, and our environment has PG* and secrets.
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        umask=0o077,
        start_new_session=True,
        user=None if account.is_ours else account.uid,
        group=None if account.is_ours else account.gid,
        extra_groups=None if account.is_ours else account.groups,
        # Python calls it after the change of user, which clears the signal.
        preexec_fn=_death_signal(),
    )


def run(account: Account, command: Sequence[str | Path]) -> tuple[int, str]:
    """Runs a program to its end; returns its exit status and its output."""
    process = start(account, command, subprocess.PIPE)
    try:
        output, _ = process.communicate()
    except BaseException:  # after an interrupt, too, the child must be gone and reaped
        process.kill()
        process.communicate()
        raise
    return process.returncode, output.decode(errors="replace")


def _death_signal() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    # Looked up before the fork, because after it a lock of the loader may be held for ever.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_for_signal() -> None:
        # A shell starts what it puts into the background with this signal ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the child could ask
            os._exit(1)

    return ask_for_signal
