"""A CloudEvents batch (1.0.2, JSON): the bytes of each member, unread."""

import re

import orjson

from receiver.errors import NotificationRefused
from receiver.events.forms import strict_json

# JSON by its grammar, and yet orjson refuses it: numbers beyond a double and lone surrogates.
_UNTAMED = re.compile(
    rb"(?<![0-9])(?P<integer>[1-9][0-9]{300,}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    rb"|(?<=[eE])[+-]?[0-9]+"
    rb"|(?<=\\u)[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_SCALAR = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^\s,\]]++')
_BETWEEN_MEMBERS = re.compile(rb"[\s,]*+")


def split_batch(body: bytes) -> list[bytes]:
    """Cut a batch into its members: each as it arrived, without the space around it.

    They are not judged: whoever reads them refuses one and keeps its neighbours.

    Raises:
        NotificationRefused: not JSON in UTF-8, more than 1024 levels deep, or not an array.
    """
    body = body.removeprefix(strict_json.BYTE_ORDER_MARK)
    _require_json(body)
    start = len(body) - len(body.lstrip())
    if body[start] != ord("["):
        raise NotificationRefused("must be a JSON array")
    members = []
    position = _next(body, start + 1)
    while body[position] != ord("]"):
        end = _end(body, position)
        members.append(body[position:end])
        position = _next(body, end)
    return members


def _require_json(body: bytes) -> None:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        # What orjson cannot hold is the fault of one member; only the grammar is everyone's.
        try:
            orjson.loads(_UNTAMED.sub(_tame, body))
        except orjson.JSONDecodeError as error:
            raise strict_json.not_json(body, error) from None


def _tame(untamed: re.Match[bytes]) -> bytes:
    """Write something harmless of the same length, so that every place stays where it is."""
    text = untamed[0]
    if untamed["integer"] is None:
        return b"0" * len(text)
    return text[:1] + b"e" + b"0" * (len(text) - 2)


def _next(body: bytes, position: int) -> int:
    between = _BETWEEN_MEMBERS.match(body, position)
    return between.end() if between else position


def _end(body: bytes, start: int) -> int:
    """Find where the member that starts here ends."""
    if body[start] not in b"[{":
        scalar = _SCALAR.match(body, start)
        return scalar.end() if scalar else len(body)
    depth = 0
    for offset in strict_json.brackets(body, start):
        depth += 1 if body[offset] in b"[{" else -1
        if depth == 0:
            return offset + 1
    return len(body)
