"""The file of an export: under its name it is whole, or not there."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

from receiver.errors import ConfigurationError

STDOUT = "-"

# Linux alone has it, and files without a name; a name is given to one through here.
OPEN_FILES = "/proc/self/fd"

# Devices were at places at times: for the user alone.
MODE = 0o600


@contextmanager
def open_destination(name: str) -> Iterator[IO[bytes]]:
    """Yields the file to write, and gives it its name at the end of the block.

    It has no name before, so that whatever ends the process leaves nothing; where the file system
    has no files without a name, a hidden one beside it is removed if the block fails. What is no
    file, such as a pipe, is written at once.

    Args:
        name: of the file; `-`: stdout.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    if "\0" in name:
        raise ConfigurationError("the file cannot be written (not a file name)")
    try:
        if name == STDOUT:
            # A file of our own, so that nothing is left for the end of the process to write.
            with open(sys.stdout.fileno(), "wb", closefd=False) as stdout:
                yield stdout
            return
        # Through a link the file that it leads to becomes another one, and the link stays.
        path = Path(os.path.realpath(name))
        if path.exists() and not path.is_file():
            with path.open("wb") as special:
                yield special
            return
        with _replacing(path) as file:
            yield file
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot be written ({error.strerror})") from None


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    is_nameless = Path(OPEN_FILES).is_dir()
    try:
        if is_nameless:
            descriptor = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, MODE)
    except OSError:
        is_nameless = False
    if not is_nameless:
        descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 # a descriptor has no path
            yield file
            file.flush()
            os.fsync(descriptor)
            if is_nameless:
                # With a folder given, Python calls what follows the link of /proc.
                os.link(f"{OPEN_FILES}/{descriptor}", beside, src_dir_fd=descriptor)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    _flush(path.parent)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
