"""The folder of one run, for logs, scripts and the data of the embedded Postgres; and a cache."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path


@contextmanager
def open_folder() -> Iterator[Path]:
    """Makes a folder for the length of the block, which every user may enter.

    As root, Postgres runs as a user who cannot reach root's own temporary folders.
    """
    folder = Path(tempfile.mkdtemp(prefix="benchmark-")).resolve()
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def find_cache(name: str) -> Path:
    """Returns the user's folder for what a contender is installed into; it need not exist."""
    return user_cache_path("device-status-receiver") / "benchmark" / name
