"""The notifications of a captured stream, one after the other, however large the file is."""

import codecs
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain
from typing import IO, NamedTuple, Protocol, cast

# Bytes of one notification, as of one file that `check` judges by itself.
from receiver.checker.verdict import SIZE_MAX

GZIP = b"\x1f\x8b"
# Bytes that are read of a document at once; a notification has about one thousandth.
CHUNK_BYTES = 1024 * 1024
# How a line ends that is no value by itself, but the beginning of one.
OPEN_ENDS = (b"{", b"[", b",", b":")


class Line(Protocol):
    """One notification, or a batch, of NDJSON."""

    @property
    def number(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def received_at(self) -> datetime | None: ...
    @property
    def fault(self) -> str | None: ...


ReadLines = Callable[[Iterable[bytes]], Iterable[Line]]


class Capture(NamedTuple):
    """One request, or what stands in the place of one.

    Attributes:
        line: at which it begins, from 1.
        headers: by lower-case name.
        received_at: when it was received; None: the file does not say.
        fault: why it is none; None: it is to be judged.
    """

    line: int
    body: bytes
    headers: Mapping[str, str]
    received_at: datetime | None = None
    fault: str | None = None


def read_captures(opened: IO[bytes], read_lines: ReadLines) -> Iterator[Capture]:
    """Yields the requests of a file: NDJSON, or JSON values over several lines, in gzip or not.

    Of an array that is no line, each member is one notification.

    Args:
        opened: buffered, at its beginning.
        read_lines: makes the lines of NDJSON.

    Raises:
        OSError, EOFError, zlib.error: the file cannot be read, or is broken gzip.
    """
    head = opened.read(2)
    rest = _Rejoined(head, opened)
    stream = gzip.GzipFile(fileobj=cast("IO[bytes]", rest)) if head == GZIP else rest
    lines = _read_lines(stream.readline)
    first = b""
    skipped = 0
    for first in lines:
        if first.strip():
            break
        skipped += 1
    if _begins_document(first):
        yield from _read_document(first, stream.read, 1 + skipped)
        return
    for line in read_lines(chain([b"\n"] * skipped, [first], lines)):
        yield Capture(line.number, line.body, line.headers, line.received_at, line.fault)


class _Rejoined:
    """A file whose first bytes were read already."""

    def __init__(self, head: bytes, opened: IO[bytes]) -> None:
        self._head = head
        self._opened = opened

    def read(self, size: int = -1) -> bytes:
        """Returns up to so many bytes."""
        head, self._head = self._head[:size] if size >= 0 else self._head, b""
        return head + self._opened.read(size - len(head) if size >= 0 else -1)

    def readline(self, limit: int = -1) -> bytes:
        """Returns a line, or the beginning of a long one."""
        head, self._head = self._head, b""
        if head[:1] == b"\n":
            self._head = head[1:]
            return head[:1]
        if head[1:] == b"\n":
            return head
        return head + self._opened.readline(limit - len(head) if limit >= 0 else -1)


def _read_lines(readline: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yields lines; of one that is too long the beginning, which is no JSON."""
    for line in iter(partial(readline, SIZE_MAX + 1), b""):
        yield line
        while len(line) > SIZE_MAX and not line.endswith(b"\n"):
            line = readline(SIZE_MAX + 1)


def _begins_document(line: bytes) -> bool:
    text = line.strip()
    if len(line) > SIZE_MAX:
        return True
    if not text.endswith(OPEN_ENDS):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def _read_document(head: bytes, read: Callable[[int], bytes], line: int) -> Iterator[Capture]:
    text = _Text(head, read, line)
    try:
        while char := text.find_next():
            if char != "[":
                yield text.take_value()
                continue
            text.skip()
            while (char := text.find_next()) != "]":
                if char == ",":
                    text.skip()
                else:
                    yield text.take_value()
            text.skip()
    except _NotJson:
        yield Capture(text.line, b"", {}, fault="not valid JSON")


class _NotJson(ValueError):
    """The document is broken from here on."""


class _Text:
    """The text of a document, of which only what is not taken yet is in memory."""

    def __init__(self, head: bytes, read: Callable[[int], bytes], line: int) -> None:
        # What is no UTF-8 comes back as it was, for the parser to judge.
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._read = read
        self._text = self._decode(head).removeprefix("\ufeff")
        self._place = 0
        self._is_whole = False
        self._scan = json.JSONDecoder().raw_decode
        self.line = line

    def find_next(self) -> str:
        """Returns the next character that is not blank; empty at the end."""
        while True:
            while self._place < len(self._text):
                char = self._text[self._place]
                if char not in " \t\r\n":
                    return char
                self.skip()
            if not self._fill():
                return ""

    def skip(self) -> None:
        """Goes one character on."""
        if self._text[self._place] == "\n":
            self.line += 1
        self._place += 1

    def take_value(self) -> Capture:
        """Returns the value that begins here, to the letter."""
        while True:
            try:
                _, end = self._scan(self._text, self._place)
            except (ValueError, RecursionError):
                end = -1
            # A number at the end of what was read may go on.
            if 0 < end < len(self._text) or (end > 0 and self._is_whole):
                break
            if len(self._text) - self._place > SIZE_MAX or not self._fill():
                if end > 0:
                    break
                raise _NotJson
        line, taken = self.line, self._text[self._place : end]
        self.line += taken.count("\n")
        self._place = end
        return Capture(line, taken.encode("utf-8", "surrogateescape"), {})

    def _fill(self) -> bool:
        """Reads on; returns whether there was more."""
        rest = self._text[self._place :]
        # At least as much again, so that a long value is not scanned many times.
        part = self._read(max(CHUNK_BYTES, len(rest)))
        self._is_whole = not part
        self._text, self._place = rest + self._decode(part, final=not part), 0
        return bool(part)
