"""Batched mode (CloudEvents 1.0.2, JSON batch format): a batch is cut into its members.

Nearly every batch holds objects with the same few bytes between each two, so that it can be cut at
these bytes: if each piece is strict JSON by itself, then the pieces are the members, for a text of
JSON has one reading. A batch with anything unusual in it is cut by its brackets.
"""

import re
from typing import NamedTuple

import orjson

from receiver.errors import NotificationRefused
from receiver.events.forms import strict_json

# orjson refuses these although they are JSON: numbers beyond a double, which ends at 309 digits,
# and lone surrogates.
_BEYOND_ORJSON = re.compile(
    rb"(?<![0-9])(?P<integer>[1-9][0-9]{300,}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    rb"|(?<=[eE])[+-]?[0-9]+"
    rb"|(?<=\\u)[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_SPACE = b" \t\r\n"
_BETWEEN_OBJECTS = re.compile(rb"\}[ \t\r\n]*+,[ \t\r\n]*+\{")
_SCALAR = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^\s,\]]++')
_BETWEEN_MEMBERS = re.compile(rb"[\s,]*+")


class BatchMember(NamedTuple):
    """One member of a batch.

    Attributes:
        body: as it arrived, without the space around it.
        document: what `strict_json.parse` returns of it; None: it is not parsed yet.
    """

    body: bytes
    document: object = None


def split_batch(body: bytes, stop_after: int | None = None) -> list[BatchMember]:
    """Cuts a batch into its members.

    A member is judged when it is read, so that its fault costs its neighbours nothing.

    Args:
        stop_after: members, the rest is left; None: all are cut. Those beyond a limit would only
            cost time.

    Raises:
        NotificationRefused: the body is not JSON in UTF-8, has more than 1024 levels, or is not an
            array.
    """
    body = body.removeprefix(strict_json.BYTE_ORDER_MARK)
    members = _cut_between_objects(body, stop_after)
    if members is not None:
        return members
    _require_json(body)
    return [BatchMember(member) for member in _cut_by_brackets(body, stop_after)]


def _cut_between_objects(body: bytes, stop_after: int | None) -> list[BatchMember] | None:
    """Cuts a batch of objects with the same bytes between each two; None: it may be no such batch.

    Cutting by brackets and parsing all of the batch first, as `split_batch` otherwise does, took a
    seventh of all that a batch costs (measured with `python -m benchmark`).
    """
    whole = body.strip(_SPACE)
    if whole[:1] != b"[" or whole[-1:] != b"]":
        return None
    inner = whole[1:-1].strip(_SPACE)
    if inner[:1] != b"{" or inner[-1:] != b"}":
        return None
    between = _BETWEEN_OBJECTS.search(inner)
    # Without the brackets at its ends, which the pieces of the middle lack as well.
    pieces = [inner[1:-1]] if between is None else inner[1:-1].split(between[0])
    if stop_after is not None and len(pieces) > stop_after:
        return None
    objects = [b"{%b}" % piece for piece in pieces]
    try:
        return [BatchMember(member, strict_json.parse(member)) for member in objects]
    except NotificationRefused:
        return None


def _require_json(body: bytes) -> None:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        # A value that orjson cannot hold is the fault of one member; the grammar is the batch's.
        try:
            orjson.loads(_BEYOND_ORJSON.sub(_tame, body))
        except orjson.JSONDecodeError as error:
            raise strict_json.refuse_json(body, error) from None


def _tame(found: re.Match[bytes]) -> bytes:
    """Returns a harmless value of the same length, so that every place stays where it is."""
    text = found[0]
    if found["integer"] is None:
        return b"0" * len(text)
    return text[:1] + b"e" + b"0" * (len(text) - 2)


def _cut_by_brackets(body: bytes, stop_after: int | None) -> list[bytes]:
    """Cuts any batch that is valid JSON."""
    start = len(body) - len(body.lstrip())
    if body[start] != ord("["):
        raise NotificationRefused("must be a JSON array")
    levels = strict_json.list_levels(body)
    members: list[bytes] = []
    # The first bracket is the batch's own.
    passed = 1
    position = _skip_gap(body, start + 1)
    while body[position] != ord("]") and len(members) != stop_after:
        if body[position] in b"[{":
            ends_after = levels.index(1, passed) + 1
            end = strict_json.skip_brackets(body, position, ends_after - passed)
            passed = ends_after
        else:
            scalar = _SCALAR.match(body, position)
            end = scalar.end() if scalar else len(body)
        members.append(body[position:end])
        position = _skip_gap(body, end)
    return members


def _skip_gap(body: bytes, position: int) -> int:
    """Returns where the next member starts, or the batch ends."""
    between = _BETWEEN_MEMBERS.match(body, position)
    return between.end() if between else position
