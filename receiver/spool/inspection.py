"""What lies in the folder of the spool, file by file; nothing is changed, no content is told."""

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from receiver.spool.folder import DAMAGED, SEGMENT, begun_at
from receiver.spool.segments import read_file


class FileState(StrEnum):
    """Who has a file.

    OPEN: a process that runs appends to it or drains it. CLOSED: whoever drains next. DAMAGED: it
    was set aside. UNREADABLE: a newer release.
    """

    OPEN = "open"
    CLOSED = "closed"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """A file of the spool.

    Attributes:
        records: that are whole.
    """

    name: str
    begun_at: datetime
    records: int
    size_bytes: int
    state: FileState


def inspect(folder: Path) -> Sequence[SpoolFile]:
    """Returns the files with records, the oldest first; one that goes meanwhile is left out.

    Raises:
        OSError: the folder cannot be read.
    """
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in (SEGMENT, DAMAGED):
            continue
        try:
            is_open = _is_locked(path)
            begun, size_bytes = begun_at(path), path.stat().st_size
        except FileNotFoundError:
            continue
        file = read_file(path)
        state = FileState.OPEN if is_open else FileState.CLOSED
        if path.suffix == DAMAGED:
            state = FileState.DAMAGED
        elif file is None:
            state = FileState.UNREADABLE
        records = 0 if file is None else len(file.frames.records)
        found.append(SpoolFile(path.name, begun, records, size_bytes, state))
    return found


def _is_locked(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        # Shared, and for an instant: a drain that meets it takes the file in its next run.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
