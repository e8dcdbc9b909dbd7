"""The directory in which several workers count together; a single process needs none."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from receiver.errors import ConfigurationError

# The name is prometheus_client's; it decides by it when it is imported.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

# In memory where there is such a place: a full disk would end a process that counts in a file on
# it, and this is writable in a container whose file system is not.
MEMORY = "/dev/shm"  # noqa: S108 - a private directory is made in it


@contextmanager
def directory() -> Iterator[None]:
    """A private directory for the length of the block, which the environment names.

    Raises:
        ConfigurationError: there is no place for it.
    """
    path = _made()
    os.environ[VARIABLE] = path
    try:
        yield
    finally:
        remove()
        forget()


def forget() -> None:
    """Leaves no directory in the environment: who is started without one of ours counts alone."""
    os.environ.pop(VARIABLE, None)


def from_environment() -> Path | None:
    """The directory, in a worker of several."""
    named = os.environ.get(VARIABLE)
    return None if named is None else Path(named)


def remove() -> None:
    """Removes the directory, which another process may be doing too."""
    path = from_environment()
    if path is not None:
        shutil.rmtree(path, ignore_errors=True)


def _made() -> str:
    for place in (MEMORY, None):
        try:
            return tempfile.mkdtemp(prefix="receiver-metrics-", dir=place)
        except OSError:
            continue
    raise ConfigurationError(
        "several workers need a directory for temporary files; set TMPDIR, or use one worker"
    )
