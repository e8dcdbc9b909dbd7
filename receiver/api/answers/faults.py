"""What is wrong with a question, in sentences of our own: one table from pydantic's faults.

A sentence names the parameter or member and what is expected of it, and never what was sent.
"""

import re
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from pydantic_core import PydanticCustomError

# How many faults one message names.
FAULTS_MAX = 5

# The type of a fault whose sentence is ours, written where the rule stands.
OURS = "expected"

# Where a list of values would fill the message.
EXPECTED_LENGTH_MAX = 200
MANY = "must be one of the values that the OpenAPI lists"

# Where a type of fault stands in no table.
ELSE = "is not what is expected here"

RFC3339 = "must be an RFC 3339 time with a time zone (in a query, + is written %2B)"
_OBJECT = "must be a JSON object, sent as application/json"

# By pydantic's type of a fault, or the beginning of it; a name after $ is one of our own limits.
_SENTENCES = {
    "bool": "must be true or false",
    "bytes": "must be a string",
    "date": RFC3339,
    "datetime": RFC3339,
    "dict": "must be a JSON object",
    "enum": "must be $expected",
    "extra_forbidden": "unknown",
    "finite_number": "must be a finite number",
    "float": "must be a number",
    "greater_than": "must be more than $gt",
    "greater_than_equal": "must be $ge or more",
    "int": "must be a whole number",
    "json_invalid": "not JSON",
    "less_than": "must be less than $lt",
    "less_than_equal": "must be $le or less",
    "list": "must be a list",
    "literal_error": "must be $expected",
    "missing": "is required",
    "model": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "string": "must be a string",
    "string_pattern_mismatch": "has another form than the one described",
    "string_too_long": "must have $max_length characters or fewer",
    "string_too_short": "must have $min_length characters or more",
    "timezone": RFC3339,
    "too_long": "must have $max_length values or fewer",
    "too_short": "must have $min_length values or more",
    "uuid": "must be a UUID",
}

_WORD = re.compile(r"[A-Za-z]{1,40}")
_PARTS_OF_A_REQUEST = {"body", "query", "path", "header"}


def expected(sentence: str) -> PydanticCustomError:
    """Returns what a validator raises: its sentence, such as `must be a phone number`, is told."""
    return PydanticCustomError(OURS, sentence)


def describe_faults(faults: Sequence[Mapping[str, Any]]) -> str:
    """Returns where and what, from pydantic's faults, without what was sent."""
    return "; ".join(f"{_place(fault)}: {_say(fault)}" for fault in faults[:FAULTS_MAX])


def _place(fault: Mapping[str, Any]) -> str:
    location = list(fault["loc"])
    if fault["type"] == "json_invalid":
        # The rest is an offset in the text.
        location = location[:1]
    parts = [str(part) for part in location if part not in _PARTS_OF_A_REQUEST]
    if parts and fault["type"] == "extra_forbidden" and not _WORD.fullmatch(parts[-1]):
        # A name of the caller's own, and perhaps a phone number or a token in the wrong place.
        parts[-1] = "…"
    return ".".join(part if part.isascii() and len(part) <= 40 else "…" for part in parts) or "body"


def _say(fault: Mapping[str, Any]) -> str:
    kind = str(fault["type"])
    if kind == OURS:
        return str(fault["msg"])
    if _is_of_the_whole_body(fault):
        return _OBJECT
    sentence = _SENTENCES.get(kind) or _SENTENCES.get(kind.partition("_")[0], ELSE)
    limits: Mapping[str, Any] = fault.get("ctx", {})
    if len(str(limits.get("expected", ""))) > EXPECTED_LENGTH_MAX:
        return MANY
    return Template(sentence).safe_substitute(limits)


def _is_of_the_whole_body(fault: Mapping[str, Any]) -> bool:
    return tuple(fault["loc"]) == ("body",) and fault["type"] != "json_invalid"
