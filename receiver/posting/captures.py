"""Captured notifications in files, as they are to be posted: nothing of a body is changed.

A file is one notification or one batch, plain or in gzip; or its lines are, each as it was received
or inside an object of `body` and `headers`, as `receiver import` reads them.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO

from receiver.importer.lines import ONE, read_ndjson
from receiver.intake.codings import is_gzip
from receiver.intake.modes import BATCH, STRUCTURED

# Bytes of a body: the largest that a service can be set to take.
SIZE_MAX = 16 * 1024 * 1024
TOO_LARGE = f"larger than {SIZE_MAX} bytes, which no sink takes"

BOM = b"\xef\xbb\xbf"
NAMES_OF_LINES = frozenset({".ndjson", ".jsonl"})

# Of the captured request, not of its content: this request has its own.
HEADERS_OF_THE_WAY = frozenset(
    {
        *("authorization", "proxy-authorization", "host", "content-length", "transfer-encoding"),
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect"),
    }
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[ \t!-~\x80-\U0010ffff]*")


class Mode(StrEnum):
    """How a file is read."""

    AUTO = "auto"
    WHOLE = "whole"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Capture:
    """One notification or batch to post.

    Attributes:
        place: the file, and the line in it if it has several.
        headers: by lower-case name.
        fault: why it cannot be posted; None: it can.
    """

    place: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str | None = None


def read_captures(
    name: str, opened: BinaryIO, mode: Mode, content_type: str | None
) -> Iterator[Capture]:
    """Yields what a file holds, read as far as it is asked for.

    Args:
        name: of the file, for people.
        content_type: of every body; None: what the file says, or what the body is.

    Raises:
        OSError: it cannot be read.
    """
    lines = _read_lines(opened)
    try:
        before = _read_beginning(lines, mode)
        if mode is not Mode.WHOLE and (mode is Mode.LINES or _has_lines(name, before)):
            yield from _read_each(name, chain(before, lines), content_type)
        else:
            yield _read_whole(name, b"".join(before), opened, content_type)
    except _LineTooLarge as error:
        yield Capture(f"{name}:{error.number}", fault=TOO_LARGE)


def find_media_type(body: bytes) -> str:
    """Returns the media type that says what a body is: a batch, a CloudEvent, or other JSON."""
    if is_gzip(body):
        with suppress(zlib.error):
            body = zlib.decompressobj(wbits=31).decompress(body, SIZE_MAX)
    if body.removeprefix(BOM).lstrip()[:1] == b"[":
        return BATCH
    return STRUCTURED if b'"specversion"' in body else ONE


class _LineTooLarge(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _read_lines(opened: BinaryIO) -> Iterator[bytes]:
    number = 1
    while line := opened.readline(SIZE_MAX + 1):
        if len(line) > SIZE_MAX:
            raise _LineTooLarge(number)
        yield line
        number += 1


def _read_beginning(lines: Iterator[bytes], mode: Mode) -> list[bytes]:
    """Returns the lines that tell how a file is read: to its second that is not empty, at most."""
    before: list[bytes] = []
    wanted = 2 if mode is Mode.AUTO else 0
    while wanted:
        line = next(lines, None)
        if line is None:
            return before
        before.append(line)
        # The rest of a document that spans lines, or is compressed, tells nothing more.
        wanted = wanted - 1 if _is_json(line) else wanted if not line.strip() else 0
    return before


def _has_lines(name: str, before: list[bytes]) -> bool:
    """Whether each line of a file is a notification by itself."""
    if PurePath(name).suffix.lower() in NAMES_OF_LINES:
        return True
    said = [line for line in before if line.strip()]
    if not said or not _is_json(said[0]):
        return False
    # One line is a document too, unless it is an object around a notification.
    return len(said) > 1 or next(read_ndjson(said)).body != said[0].strip()


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False


def _read_whole(name: str, before: bytes, opened: BinaryIO, content_type: str | None) -> Capture:
    body = before + opened.read(max(0, SIZE_MAX + 1 - len(before)))
    if len(body) > SIZE_MAX:
        return Capture(name, fault=TOO_LARGE)
    headers = {"content-type": content_type or find_media_type(body)}
    if is_gzip(body):
        headers["content-encoding"] = "gzip"
    return Capture(name, body, headers)


def _read_each(name: str, lines: Iterator[bytes], content_type: str | None) -> Iterator[Capture]:
    for line in read_ndjson(lines, find_media_type):
        place = f"{name}:{line.number}"
        headers = {
            header: value
            for header, value in line.headers.items()
            if header not in HEADERS_OF_THE_WAY
        }
        if content_type is not None:
            headers["content-type"] = content_type
        if line.fault is not None:
            yield Capture(place, fault=line.fault)
        elif not all(_NAME.fullmatch(h) and _VALUE.fullmatch(v) for h, v in headers.items()):
            yield Capture(place, fault="headers: a name or a value that no request can have")
        else:
            yield Capture(place, line.body, headers)
