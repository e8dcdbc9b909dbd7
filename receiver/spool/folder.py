"""The folder of the spool: private to the service, and measured by what lies in it."""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from receiver.errors import ConfigurationError
from receiver.ids import microseconds, new_id, time_of

# A file with records; one that is being made; one that holds bytes which nobody wrote.
SEGMENT = ".spool"
UNFINISHED = ".unfinished"
DAMAGED = ".damaged"

# A file that is still being made after as many seconds never will be.
UNFINISHED_SECONDS = 60.0

_OTHERS = 0o077


class Contents(NamedTuple):
    """What lies in the folder.

    Attributes:
        size_bytes: of all files, those set aside included.
        oldest_at: when the oldest file with records was begun; None: there is none.
        files: with records.
        damaged: set aside.
    """

    size_bytes: int
    oldest_at: datetime | None
    files: int
    damaged: int


def open_folder(path: Path) -> None:
    """Makes the folder if it is missing, and refuses one that others can use.

    Raises:
        ConfigurationError: the folder is no private folder of this user, or cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"RECEIVER_SPOOL_DIR: {error.strerror}") from None
    require_private(path)


def require_private(path: Path) -> None:
    """Refuses a folder that others can use, or that this user cannot.

    Raises:
        ConfigurationError: as `open_folder`.
    """
    try:
        status = path.stat()
        may_write = os.access(path, os.R_OK | os.W_OK | os.X_OK)
    except OSError as error:
        raise ConfigurationError(f"RECEIVER_SPOOL_DIR: {error.strerror}") from None
    if not stat.S_ISDIR(status.st_mode) or not may_write:
        raise ConfigurationError("RECEIVER_SPOOL_DIR: no folder that this user can write to")
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & _OTHERS:
        raise ConfigurationError(
            "RECEIVER_SPOOL_DIR: others can use the folder; it must belong to the user of the"
            " service, with mode 700"
        )


def name_segment(now: datetime) -> str:
    """Returns a new name; names sort by the time at which their files were begun."""
    return f"{microseconds(now):016d}-{new_id()[:12]}{SEGMENT}"


def begun_at(path: Path) -> datetime:
    """Returns when a file was begun, which its name tells."""
    try:
        return time_of(int(path.name.partition("-")[0]))
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def list_segments(path: Path) -> Sequence[Path]:
    """Returns the files with records, the oldest first."""
    return sorted(file for file in path.iterdir() if file.suffix == SEGMENT)


def remove_unfinished(path: Path) -> None:
    """Removes files that a process which is gone did not finish, and that hold nothing durable."""
    latest = datetime.now(UTC).timestamp() - UNFINISHED_SECONDS
    for file in path.iterdir():
        with suppress(FileNotFoundError):
            if file.suffix == UNFINISHED and file.stat().st_mtime < latest:
                file.unlink()


def measure(path: Path) -> Contents:
    """Measures what lies in the folder; a file that goes meanwhile counts as gone."""
    sizes: dict[Path, int] = {}
    with os.scandir(path) as entries:
        for entry in entries:
            try:
                sizes[Path(entry.path)] = entry.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                continue
    segments = sorted(file for file in sizes if file.suffix == SEGMENT)
    return Contents(
        size_bytes=sum(sizes.values()),
        oldest_at=begun_at(segments[0]) if segments else None,
        files=len(segments),
        damaged=sum(file.suffix == DAMAGED for file in sizes),
    )


def sync_folder(path: Path) -> None:
    """Makes the names of the files in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
