"""Folders for the servers of the tests, in memory where there is room: no flush waits there."""

import os
import tempfile
from functools import cache
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")  # noqa: S108 - `mkdtemp` makes what the tests use below it
# Two test processes hold up to 1.1 GiB there at once (`df` every second of a run of all tests);
# there are three.
ROOM_BYTES = 3 * 1024**3


def make_folder(prefix: str) -> Path:
    """Makes a short folder that the user of Postgres can reach; the caller removes it.

    Not pytest's own temporary folder: as root, Postgres runs as a user who cannot reach that.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_place())).resolve()
    folder.chmod(0o755)
    return folder


@cache
def _place() -> Path:
    """Returns the file system in memory, or the usual place of temporary files."""
    usual = Path(tempfile.gettempdir())
    if not os.access(MEMORY, os.W_OK):
        return usual
    found = os.statvfs(MEMORY)
    # Postgres runs from its folder where nobody else can reach the programs.
    is_executable = not found.f_flag & os.ST_NOEXEC
    free_bytes = min(found.f_bavail * found.f_frsize, psutil.virtual_memory().available // 2)
    return MEMORY if is_executable and free_bytes >= ROOM_BYTES else usual
