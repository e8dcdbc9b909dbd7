"""The directory in which several workers count together; a single worker needs none."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from receiver.errors import ConfigurationError

# prometheus_client reads this variable when it is imported, and then counts in the directory.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

# Memory is preferred: a full disk kills a process that counts in a mapped file on it, and this
# place is writable in a container with a read-only file system.
MEMORY = "/dev/shm"  # noqa: S108 - a private directory is made in it


@contextmanager
def share_directory() -> Iterator[None]:
    """Makes a private directory for the length of the block, and names it in the environment.

    Raises:
        ConfigurationError: no directory can be made.
    """
    path = _make_directory()
    os.environ[VARIABLE] = path
    try:
        yield
    finally:
        remove()
        forget()


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
            return tempfile.mkdtemp(prefix="receiver-metrics-", dir=place)
        except OSError:
            continue
    raise ConfigurationError(
        "several workers need a directory for temporary files; set TMPDIR, or use one worker"
    )
