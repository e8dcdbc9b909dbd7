"""Fuzz: whatever arrives is read or refused; what that costs: `test_cost_laws.py`.

The long form: `pytest -m long tests/events/test_refusal_laws.py`.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import arriving
from tests.support.paths import SAMPLES

SEEDS = [
    json.dumps(arriving.FLAT).encode(),
    *(
        path.read_bytes()
        for path in sorted(SAMPLES.rglob("*.json"))
        if "expected" not in str(Path(*path.parts[len(SAMPLES.parts) :]))
    ),
]


def _arrive(body: bytes) -> None:
    """Let it arrive in every mode, alone and between neighbours."""
    for receive in (arriving.single, arriving.batch, arriving.binary):
        receive(body)
    arriving.header(body, *arriving.HEADERS)
    arriving.batch(b"[" + body + b" , " + body + b"]")


seeds = st.sampled_from(SEEDS)
TOKENS = [
    b"",
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    rb"\u0000",
    rb"\ud800",
    b"\\",
    b'"',
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b"1e400",
    b"1e-99999",
    b"-0",
    b"9" * 25,
    b"NaN",
    b"null",
    b"%C0%A0",
    b'"specversion":"1.0",',
    b'"event":{',
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sample with pieces overwritten, cut off, repeated, or grown together with another's."""
    body = draw(seeds)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(TOKENS) | st.binary(max_size=4))
        match draw(st.sampled_from(["overwrite", "cut", "repeat", "splice", "flood"])):
            case "overwrite":
                body = body[:start] + piece + body[end:]
            case "cut":
                body = body[:start]
            case "repeat":
                body = body[:end] + body[start:]
            case "splice":
                body = body[:start] + draw(seeds)[start:]
            case "flood":
                body = body[:start] + piece * draw(st.integers(2, 600)) + body[end:]
    return body


VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**63,
    10**30,
    1.5,
    "",
    " ",
    "true",
    "+99999991000",
    "2026-03-02T10:00:00Z",
    "203.0.113.1/24",
    "\u0000",
    "\u0315\u0300" * 400,
    "x" * 3000,
    "/subscriptions/" * 200,
    [],
    {},
    [[]] * 70,
    ["FR"] * 70,
    {"device": {"device": {}}},
    {"ueId": [], "uePort": {}},
    {"eventType": "CONNECTIVITY", "eventTime": 1, "eventDetail": {"deviceStatus": []}},
]
MEMBERS = ["specversion", "event", "eventType", "eventTime", "eventDetail", "ueId", "data", "time"]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key in it, whatever is nested inside included."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    places: list[tuple[Any, Any]] = []
    for step, inner in steps:
        places.append((value, step))
        if isinstance(inner, dict | list):
            places += _places(inner)
    return places


@st.composite
def retyped(draw: st.DrawFn) -> bytes:
    """A sample with members deleted, replaced, wrapped, exchanged or added."""
    document = json.loads(draw(seeds.filter(_is_json)))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(document)
        if not places:
            break
        place, step = draw(st.sampled_from(places))
        match draw(st.sampled_from(["delete", "replace", "wrap", "deepen", "exchange", "add"])):
            case "delete":
                del place[step]
            case "replace":
                place[step] = deepcopy(draw(st.sampled_from(VALUES)))
            case "wrap":
                place[step] = [place[step]] * draw(st.integers(1, 4))
            case "deepen":
                for _ in range(draw(st.integers(1, 70))):
                    place[step] = {"device": place[step]}
            case "exchange":
                other, there = draw(st.sampled_from(places))
                place[step] = json.loads(json.dumps(other[there]))
            case "add":
                document[draw(st.sampled_from(MEMBERS))] = deepcopy(draw(st.sampled_from(VALUES)))
    return json.dumps(document, ensure_ascii=draw(st.booleans())).encode()


def _is_json(body: bytes) -> bool:
    try:
        return bool(json.loads(body))
    except ValueError:
        return False


short = settings(max_examples=100, deadline=None)
long = settings(max_examples=20_000, deadline=None)


@short
@given(damaged() | retyped())
def test_nothing_that_arrives_raises_anything_but_a_refusal(body: bytes) -> None:
    _arrive(body)


@pytest.mark.long
@long
@given(damaged() | retyped())
def test_nothing_that_arrives_raises_anything_but_a_refusal_however_long_one_tries(
    body: bytes,
) -> None:
    _arrive(body)


@pytest.mark.parametrize("body", SEEDS)
def test_every_truncation_and_every_missing_byte_is_read_or_refused(body: bytes) -> None:
    for end in range(0, len(body), 23):
        arriving.single(body[:end])
        arriving.single(body[:end] + body[end + 1 :])
        arriving.batch(b"[" + body[:end])
