"""The files of the spool: begun and appended to by one process, then drained by any one."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

from receiver.spool.folder import DAMAGED, UNFINISHED, name_segment, sync_folder
from receiver.spool.frames import Frames, read_frames, write_frames

# The first bytes of a file: what it is, with its version; then whose it is.
_MAGIC = b"DSRSPL01"
MARK_BYTES = 16
_HEAD_BYTES = len(_MAGIC) + MARK_BYTES

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class File(NamedTuple):
    """The content of a file.

    Attributes:
        mark: of the installation whose records it has.
    """

    mark: bytes
    frames: Frames


class NewSegment:
    """A file that this process appends to, and nobody drains until it is closed.

    Args:
        descriptor: of the open and locked file.

    Attributes:
        size_bytes: of what is durable in it.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self.size_bytes = _HEAD_BYTES

    @classmethod
    def begin(cls, folder: Path, mark: bytes, now: datetime) -> Self:
        """Makes a file and its name durable.

        Args:
            mark: of the installation whose records it will have.

        Raises:
            OSError: the disk is full, or does not take it.
        """
        path = folder / name_segment(now)
        descriptor = _write_new(path, _MAGIC + mark)
        try:
            sync_folder(folder)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    def append(self, records: Sequence[bytes]) -> None:
        """Makes records durable, all of them with one sync.

        Raises:
            OSError: the disk is full, or does not take them; the file must be closed.
        """
        content = write_frames(records)
        try:
            _write(self._descriptor, content)
            os.fdatasync(self._descriptor)
        except OSError:
            # What is not acknowledged is not stored later either, as far as that is possible.
            os.ftruncate(self._descriptor, self.size_bytes)
            raise
        self.size_bytes += len(content)

    def close(self) -> None:
        """Gives the file away; one without records is removed."""
        try:
            if self.size_bytes == _HEAD_BYTES:
                self.path.unlink(missing_ok=True)
        finally:
            os.close(self._descriptor)


class Segment:
    """A file that no process appends to any more; locked by this one."""

    def __init__(self, path: Path, file: File) -> None:
        self._path = path
        self._mark = file.mark
        self.frames = file.frames

    def remove(self) -> None:
        """Removes the file, once its records are stored."""
        self._path.unlink()

    def set_aside(self) -> None:
        """Keeps a file whose bytes are damaged from being drained again."""
        self._path.rename(self._path.with_suffix(DAMAGED))

    def keep_only(self, records: Sequence[memoryview]) -> None:
        """Leaves only these records in the file, whole or not at all.

        Raises:
            OSError: the disk does not take them; the file is as it was.
        """
        unfinished = self._path.with_suffix(UNFINISHED)
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, _NEW, 0o600)
        try:
            _write(descriptor, _MAGIC + self._mark + write_frames(records))
            os.fdatasync(descriptor)
            unfinished.rename(self._path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        sync_folder(self._path.parent)


@contextmanager
def take(path: Path, mark: bytes) -> Iterator[Segment | None]:
    """Locks a file for the length of the block.

    Args:
        mark: of the installation.

    Yields:
        None: another process has the file or has removed it, or it is of another installation or
        of a newer release.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        yield _lock_and_read(path, descriptor, mark)
    finally:
        os.close(descriptor)


def read_file(path: Path) -> File | None:
    """Returns the content of a file that another process may append to.

    Returns:
        None: it is gone, or of a newer release.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if not content.startswith(_MAGIC):
        return None
    mark = content[len(_MAGIC) : _HEAD_BYTES]
    return File(mark, read_frames(memoryview(content)[_HEAD_BYTES:]))


def _lock_and_read(path: Path, descriptor: int, mark: bytes) -> Segment | None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    try:
        # Locked by its name, and not by that of a file which another process has put in its place.
        is_current = os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return None
    found = read_file(path) if is_current else None
    if found is None or found.mark != mark:
        return None
    return Segment(path, found)


def _write_new(path: Path, content: bytes) -> int:
    """Returns the descriptor of a file that is locked before anybody finds it."""
    unfinished = path.with_suffix(UNFINISHED)
    descriptor = os.open(unfinished, _NEW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _write(descriptor, content)
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        os.close(descriptor)
        raise
    return descriptor


def _write(descriptor: int, content: bytes) -> None:
    """Writes all; a disk that is almost full takes a part first."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
