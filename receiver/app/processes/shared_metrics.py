"""The directory in which several workers count together; a single worker needs none.

The service holds a lock on its directory. Where all its processes were killed at once, the
directory is left without one, and the next service removes it.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from receiver.errors import ConfigurationError

# prometheus_client reads this variable when it is imported, and then counts in the directory.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

# Memory is preferred: a full disk kills a process that counts in a mapped file on it, and this
# place is writable in a container with a read-only file system.
MEMORY = "/dev/shm"  # noqa: S108 - a private directory is made in it

PREFIX = "receiver-metrics-"

# A directory that has no lock for so long is no one's: a service locks its own at once.
ABANDONED_AFTER_SECONDS = 60


@contextmanager
def share_directory() -> Iterator[None]:
    """Makes a private directory for the length of the block, and names it in the environment.

    Raises:
        ConfigurationError: no directory can be made.
    """
    path = _make_directory()
    lock = _lock(path)
    os.environ[VARIABLE] = path
    try:
        yield
    finally:
        remove()
        forget()
        if lock is not None:
            os.close(lock)


def forget() -> None:
    """Removes the variable from the environment: a process without our directory counts alone."""
    os.environ.pop(VARIABLE, None)


def find_directory() -> Path | None:
    """Returns the directory that the environment names; None: a single worker."""
    named = os.environ.get(VARIABLE)
    return None if named is None else Path(named)


def remove() -> None:
    """Removes the directory; another process may do so at the same time."""
    path = find_directory()
    if path is not None:
        shutil.rmtree(path, ignore_errors=True)


def _make_directory() -> str:
    for place in (MEMORY, None):
        try:
            path = tempfile.mkdtemp(prefix=PREFIX, dir=place)
        except OSError:
            continue
        _remove_abandoned(Path(path))
        return path
    raise ConfigurationError(
        "several workers need a directory for temporary files; set TMPDIR, or use one worker"
    )


def _remove_abandoned(own: Path) -> None:
    """Removes the directories beside this one that are of this user and of no service any more."""
    for path in own.parent.glob(f"{PREFIX}*"):
        if path == own:
            continue
        lock = _lock(str(path))
        if lock is None:
            continue
        if os.fstat(lock).st_mtime < time.time() - ABANDONED_AFTER_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _lock(path: str) -> int | None:
    """Takes the lock of a directory; None: a service holds it, or it is not this user's."""
    try:
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(directory).st_uid != os.geteuid():
            raise PermissionError
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(directory)
        return None
    return directory
