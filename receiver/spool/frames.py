"""How records lie in a file: each with its length and its checksums, one behind the other."""

import struct
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import NamedTuple
from zlib import crc32

# Length of the record and its CRC-32; then the CRC-32 of these two, so that a length is believed
# only where it is as it was written.
_HEAD = struct.Struct(">II")
_CHECK = struct.Struct(">I")
HEAD_BYTES = _HEAD.size + _CHECK.size


class End(Enum):
    """How the records of a file end.

    WHOLE: with the file. TORN: in a record that was never written to its end, and so never
    acknowledged. DAMAGED: in bytes that nobody wrote; records may follow that cannot be found.
    """

    WHOLE = auto()
    TORN = auto()
    DAMAGED = auto()


class Frames(NamedTuple):
    """The records of a file, up to its end or to the first one that is not as it was written."""

    records: Sequence[memoryview]
    end: End


def write_frames(records: Iterable[bytes | memoryview]) -> bytes:
    """Returns records as they lie in a file."""
    parts: list[bytes | memoryview] = []
    for record in records:
        head = _HEAD.pack(len(record), crc32(record))
        parts += (head, _CHECK.pack(crc32(head)), record)
    return b"".join(parts)


def read_frames(content: bytes | memoryview) -> Frames:
    """Returns the records, none of which is copied."""
    view = memoryview(content)
    records: list[memoryview] = []
    at = 0
    while at < len(view):
        head = view[at : at + _HEAD.size]
        check = view[at + _HEAD.size : at + HEAD_BYTES]
        if len(check) < _CHECK.size:
            return Frames(records, End.TORN)
        if _CHECK.unpack(check)[0] != crc32(head):
            # A crash of the machine may leave zeros where nothing was written.
            return Frames(records, End.DAMAGED if any(view[at:]) else End.TORN)
        length, checksum = _HEAD.unpack(head)
        record = view[at + HEAD_BYTES : at + HEAD_BYTES + length]
        if len(record) < length:
            return Frames(records, End.TORN)
        if crc32(record) != checksum:
            return Frames(records, End.DAMAGED)
        records.append(record)
        at += HEAD_BYTES + length
    return Frames(records, End.WHOLE)
