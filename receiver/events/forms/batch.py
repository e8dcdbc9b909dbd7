"""Batched mode (CloudEvents 1.0.2, JSON batch format): the bytes of each member, not parsed."""

import re

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
_SCALAR = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^\s,\]]++')
_BETWEEN_MEMBERS = re.compile(rb"[\s,]*+")


def split_batch(body: bytes, stop_after: int | None = None) -> list[bytes]:
    """Cuts a batch into its members: each as it arrived, without the space around it.

    A member is judged when it is read, so that its fault costs its neighbours nothing.

    Args:
        stop_after: members, the rest is left; None: all are cut. Those beyond a limit would only
            cost time, up to 100 ms for a quarter of a megabyte.

    Raises:
        NotificationRefused: the body is not JSON in UTF-8, has more than 1024 levels, or is not an
            array.
    """
    body = body.removeprefix(strict_json.BYTE_ORDER_MARK)
    _require_json(body)
    start = len(body) - len(body.lstrip())
    if body[start] != ord("["):
        raise NotificationRefused("must be a JSON array")
    members: list[bytes] = []
    position = _skip_gap(body, start + 1)
    while body[position] != ord("]") and len(members) != stop_after:
        end = _find_end(body, position)
        members.append(body[position:end])
        position = _skip_gap(body, end)
    return members


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


def _skip_gap(body: bytes, position: int) -> int:
    """Returns where the next member starts, or the batch ends."""
    between = _BETWEEN_MEMBERS.match(body, position)
    return between.end() if between else position


def _find_end(body: bytes, start: int) -> int:
    """Returns where the member that starts here ends."""
    if body[start] not in b"[{":
        scalar = _SCALAR.match(body, start)
        return scalar.end() if scalar else len(body)
    depth = 0
    for offset in strict_json.find_brackets(body, start):
        depth += 1 if body[offset] in b"[{" else -1
        if depth == 0:
            return offset + 1
    return len(body)
