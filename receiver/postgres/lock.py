"""The lock that gives a data directory one owner; the kernel frees it at the owner's end."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lock:
    """A file that at most one process holds locked; its text is the holder's pid, for people.

    Args:
        descriptor: of the open file; the caller closes it, and so frees the lock.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def acquire(self) -> bool:
        """Takes the lock for as long as the file is open, or returns False if another has it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, b"%d\n" % os.getpid(), 0)
        return True

    def holder(self) -> str:
        """Returns the pid of the last process that took the lock."""
        return os.pread(self._descriptor, 32, 0).decode(errors="replace").strip()


@contextmanager
def open_lock(path: Path) -> Iterator[Lock]:
    """Opens the lock's file, made if missing and never removed, without taking the lock."""
    # Never inherited, because a child would keep the lock after our end.
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        yield Lock(descriptor)
    finally:
        os.close(descriptor)
