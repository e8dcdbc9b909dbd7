"""The notifications of a file, each with the line at which it begins.

A line of NDJSON is a notification as it was received, or an object of `body`, `receivedAt` and
`headers`, of which the last two may be absent; `body` is a text that holds the notification, or the
notification itself. A row of CSV has columns of these names, or of others that are named.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# Of a body, where the file names none.
MediaType = Callable[[bytes], str]

MEMBERS = frozenset({"body", "receivedAt", "headers"})

# As a sender that says just what it sends.
ONE = "application/json"
SEVERAL = "application/cloudevents-batch+json"

# A body has 256 KiB by default, and quotes in it are doubled.
CELL_CHARACTERS = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One notification, or a batch, of a file.

    Attributes:
        number: of its line, from 1.
        body: as it was received.
        headers: of the request, by lower-case name.
        received_at: when it was received; None: the file does not say.
        fault: why it is none; None: it is for intake to judge.
    """

    number: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    received_at: datetime | None = None
    fault: str | None = None


def find_plain_media_type(body: bytes) -> str:
    """Returns the media type of a body that a sender declares without knowing CloudEvents."""
    return SEVERAL if body.lstrip()[:1] == b"[" else ONE


def read_ndjson(
    lines: Iterable[bytes], find_media_type: MediaType = find_plain_media_type
) -> Iterator[Line]:
    """Yields the notifications of NDJSON; empty lines are left out.

    Args:
        find_media_type: of a body with which the file names none.
    """
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text:
            wrapped = _read_wrapped(number, text, find_media_type)
            yield wrapped or _complete(number, text, find_media_type)


def read_csv(lines: Iterable[bytes], body: str, received_at: str) -> Iterator[Line]:
    """Yields the notifications of CSV.

    Args:
        body, received_at: the names of their columns; the second one may be absent.

    Raises:
        ValueError: there is no such column of bodies, or this is no CSV.
    """
    csv.field_size_limit(CELL_CHARACTERS)
    # What is no UTF-8 is no notification either.
    texts = (line.decode("utf-8-sig", "replace") for line in lines)
    rows = csv.DictReader(texts, strict=True)
    try:
        if body not in (rows.fieldnames or ()):
            raise ValueError("no such column")
        number = rows.line_num + 1
        for row in rows:
            yield _complete(
                number, (row[body] or "").encode(), find_plain_media_type, row.get(received_at)
            )
            number = rows.line_num + 1
    except csv.Error:
        raise ValueError("not CSV") from None


def _read_wrapped(number: int, line: bytes, find_media_type: MediaType) -> Line | None:
    """Returns the notification in an object around it; None: the line is the notification."""
    try:
        text = line.decode()
        members = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict) or "body" not in members or not members.keys() <= MEMBERS:
        return None
    body = members["body"]
    # A body that is no text is taken to the letter.
    raw = body if isinstance(body, str) else _slice(text, "body")
    headers = members.get("headers") or {}
    if not isinstance(headers, dict) or not all(isinstance(each, str) for each in headers.values()):
        return Line(number, b"", fault="headers: must be texts by name")
    named = {name.lower(): value for name, value in headers.items()}
    return _complete(number, raw.encode(), find_media_type, members.get("receivedAt"), named)


def _slice(text: str, wanted: str) -> str:
    """Returns the text of a member of a JSON object; of the last one, if it repeats."""
    decoder = json.JSONDecoder()
    found = ""
    place = text.index("{") + 1
    while True:
        name, place = decoder.raw_decode(text, _skip(text, place))
        start = _skip(text, text.index(":", place) + 1)
        _, place = decoder.raw_decode(text, start)
        if name == wanted:
            found = text[start:place]
        place = _skip(text, place)
        if text[place] == "}":
            return found
        place += 1


def _skip(text: str, place: int) -> int:
    while text[place] in " \t\r\n":
        place += 1
    return place


def _complete(
    number: int,
    body: bytes,
    find_media_type: MediaType,
    received_at: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Line:
    """Returns the line with what a request says that the file does not."""
    headers = dict(headers or {})
    if "content-type" not in headers:
        headers["content-type"] = find_media_type(body)
    if received_at is None or received_at == "":
        return Line(number, body, headers)
    try:
        time = datetime.fromisoformat(received_at)
    except (TypeError, ValueError):
        return Line(number, body, fault="receivedAt: must be a time of RFC 3339")
    if time.tzinfo is None:
        return Line(number, body, fault="receivedAt: must have a zone")
    return Line(number, body, headers, time)
