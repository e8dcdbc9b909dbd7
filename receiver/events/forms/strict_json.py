"""Strict JSON: refuses text that a database or another parser would change or reject."""

import json
import re
from functools import cache
from itertools import accumulate

import orjson

from receiver.errors import NotificationRefused

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Levels; chosen, ten times the depth of any published notification, which is six.
DEPTH_LIMIT = 64
# A column of type `bigint`, and most parsers, end here.
_INTEGER_LIMIT = 2**63
# Characters, and a power of ten; chosen, beyond the exponents of a double (-324 to 308).
_FRACTION_LENGTH_LIMIT = 400
_EXPONENT_LIMIT = 400

# Maps all digits to one and both brackets to one, so that plain searches find suspicious places.
_OUTLINE = bytes.maketrans(b"123456789E{}", b"000000000e[]")
_MANY_DIGITS = b"0" * 19
_TINY_NUMBER = b"0e-000"
# A shorter needle, found faster: few texts contain it.
_EXPONENT_BELOW = b"0e-"

_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_LEVELS = {ord("["): 1, ord("]"): -1}

# Every repeat is possessive, because one that can backtrack takes memory for each step.
_NUL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_UP_TO_BRACKET = rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+[\[\]{}]'
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"')
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)$")


def parse(body: bytes, depth_limit: int = DEPTH_LIMIT) -> object:
    """Parses JSON text that starts without a byte order mark; of a repeated key the last counts.

    Raises:
        NotificationRefused: the text is not JSON in UTF-8, or has anywhere a NUL character, too
            many levels, an integer beyond 64 bits or a number beyond a double.
    """
    try:
        document: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise refuse_json(body, error) from None
    # One octet is found much faster than six, and most notifications have no backslash.
    if b"\\" in body and b"\\u0000" in body:
        _refuse_nul(body)
    outline = body.translate(_OUTLINE)
    if outline.count(b"[") > depth_limit:
        _refuse_depth(body, depth_limit)
    if _MANY_DIGITS in outline or (_EXPONENT_BELOW in outline and _TINY_NUMBER in outline):
        _refuse_absurd_numbers(body)
    return document


def list_levels(body: bytes) -> list[int]:
    """Returns the level behind each bracket outside strings, in valid JSON.

    All of it runs in C: a quarter of a megabyte of brackets takes 10 ms.
    """
    brackets = _STRING.sub(b"", body).translate(_OUTLINE, _NO_BRACKETS)
    return list(accumulate(map(_LEVELS.__getitem__, brackets)))


def skip_brackets(body: bytes, start: int, number: int) -> int:
    """Returns where so many brackets outside strings end, from `start`, in valid JSON."""
    while number:
        power = number.bit_length() - 1
        number -= 1 << power
        found = _run_of_brackets(power).match(body, start)
        if found is None:
            return len(body)
        start = found.end()
    return start


@cache
def _run_of_brackets(power: int) -> re.Pattern[bytes]:
    """Returns what matches 2**power brackets: each call of it takes longer than many brackets."""
    return re.compile(rb"(?:%b){%d}+" % (_UP_TO_BRACKET, 1 << power))


def refuse_json(body: bytes, error: orjson.JSONDecodeError) -> NotificationRefused:
    """Returns the refusal of a text that orjson could not parse."""
    try:
        body.decode()
    except UnicodeDecodeError as unicode_error:
        return NotificationRefused("not valid UTF-8", _locate(body, unicode_error.start))
    return NotificationRefused("not valid JSON", f"line {error.lineno} column {error.colno}")


def _locate(body: bytes, offset: int) -> str:
    lines = body[:offset].decode(errors="replace").split("\n")
    return f"line {len(lines)} column {len(lines[-1]) + 1}"


def _refuse_nul(body: bytes) -> None:
    # The text is valid JSON by now, so backslashes stand in strings only and in escapes only.
    escape = _NUL_ESCAPE.search(body)
    if escape:
        raise NotificationRefused("a NUL character", _locate(body, escape.end() - 6))


def _refuse_depth(body: bytes, limit: int) -> None:
    levels = list_levels(body)
    if max(levels) > limit:
        # The levels rise one by one.
        offset = skip_brackets(body, 0, levels.index(limit + 1) + 1) - 1
        raise NotificationRefused(f"more than {limit} levels deep", _locate(body, offset))


def _refuse_absurd_numbers(body: bytes) -> None:
    # The standard library hands every number over as it was written; orjson rounds them.
    json.loads(body, parse_int=_check_integer, parse_float=_check_fraction)


def _check_integer(digits: str) -> int:
    # The length first: Python refuses to convert thousands of digits, with an error of its own.
    if len(digits) <= 20 and -_INTEGER_LIMIT <= (value := int(digits)) < _INTEGER_LIMIT:
        return value
    raise NotificationRefused("an integer beyond 64 bits")


def _check_fraction(text: str) -> float:
    exponent = _EXPONENT.search(text)
    if len(text) > _FRACTION_LENGTH_LIMIT or (exponent and abs(int(exponent[1])) > _EXPONENT_LIMIT):
        raise NotificationRefused("a number beyond a double")
    return float(text)
