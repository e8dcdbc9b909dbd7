"""Erasure from the spool: the records that name a device are taken out of its files."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from receiver.errors import Unavailable
from receiver.spool.frames import End
from receiver.spool.records import Record, read_record
from receiver.spool.segments import Segment, read_file, take
from receiver.spool.spool import Spool


class Forgotten(NamedTuple):
    """What an erasure reached.

    Attributes:
        records: that were taken out.
        files: that it did not reach: another process has them, they are damaged or cannot be
            written. Most are drained within a second once the database answers, so that the
            erasure is to be repeated then.
    """

    records: int
    files: int


async def forget(spool: Spool, names: Callable[[Record], bool]) -> Forgotten:
    """Takes out of the spool every record that names a device.

    Nothing that the database has is touched; whoever erases there does so afterwards, as a drain
    that runs may be about to store what it has read.

    Args:
        names: whether an arrival, or a refused body, names the device.

    Raises:
        Unavailable: the folder cannot be read.
    """
    await spool.seal()
    await spool.measure()
    records, files = 0, 0 if spool.contents is None else spool.contents.damaged
    for path in await spool.list_segments():
        try:
            taken_out = await _forget_in(spool, path, names)
        except Unavailable:
            taken_out = None
        if taken_out is None:
            files += 1
        else:
            records += taken_out
    return Forgotten(records, files)


async def count_named(spool: Spool, names: Callable[[Record], bool]) -> Forgotten:
    """Returns what `forget` would reach and not reach, and changes nothing.

    Raises:
        Unavailable: the folder cannot be read.
    """
    await spool.measure()
    records, files = 0, 0 if spool.contents is None else spool.contents.damaged
    for path in await spool.list_segments():
        counted = await spool.run(_count_in, path, spool.mark, names)
        records += counted or 0
        files += counted is None
    return Forgotten(records, files)


def _count_in(path: Path, mark: bytes, names: Callable[[Record], bool]) -> int | None:
    """Returns how many records of a file name the device; None: it is not read."""
    file = read_file(path)
    if file is None or file.mark != mark:
        return None if path.exists() else 0
    try:
        return sum(names(read_record(content)) for content in file.frames.records)
    except (KeyError, TypeError, ValueError):  # a record of a later release
        return None


async def _forget_in(spool: Spool, path: Path, names: Callable[[Record], bool]) -> int | None:
    """Returns how many records were taken out of a file; None: it was not reached."""
    with ExitStack() as stack:
        segment: Segment | None = await spool.run(
            partial(stack.enter_context, take(path, spool.mark))
        )
        if segment is None:
            return None if await spool.run(path.exists) else 0
        return await spool.run(_take_out, segment, names)


def _take_out(segment: Segment, names: Callable[[Record], bool]) -> int | None:
    records, end = segment.frames
    if end is End.DAMAGED:
        return None
    try:
        others = [content for content in records if not names(read_record(content))]
    except (KeyError, TypeError, ValueError):  # a record of a later release
        return None
    if not others:
        segment.remove()
    elif len(others) < len(records):
        segment.keep_only(others)
    return len(records) - len(others)
