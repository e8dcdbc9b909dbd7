"""Fuzz: whatever arrives is read or refused, at a cost that grows with its length and no faster.

The long form: `pytest -m long tests/events/test_fuzz.py`.
"""

import json
import sys
import tracemalloc
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.errors import NotificationRefused
from receiver.events.envelope import Envelope, read, read_binary, split_batch
from receiver.events.registry import understand
from tests import bodies

KIB = 1024
FLAT = {
    "subscriptionId": "draft-1",
    "eventType": "UE_REACHABILITY",
    "eventTime": "2023-03-13T09:00:00Z",
    "eventDetail": {
        "ueId": {"msisdn": "99999991000", "ipv4Addr": "203.0.113.1/32"},
        "uePort": 5060,
        "reachabilityType": "DATA",
    },
}
SEEDS = [
    json.dumps(FLAT).encode(),
    *(
        path.read_bytes()
        for path in sorted(bodies.SAMPLES.rglob("*.json"))
        if "expected" not in str(Path(*path.parts[len(bodies.SAMPLES.parts) :]))
    ),
]
HEADERS = {
    "specversion": "1.0",
    "id": "1",
    "source": "//operator.invalid",
    "type": "org.camaraproject.device-status.v0.roaming-status",
    "time": "2026-03-02T10:00:00Z",
}


def _understood(open_envelope: Callable[[], Envelope]) -> None:
    try:
        understand(open_envelope(), bodies.ARRIVAL)
    except NotificationRefused:
        return


def _single(body: bytes) -> None:
    _understood(lambda: read(body))


def _batch(body: bytes) -> None:
    try:
        members = split_batch(body)
    except NotificationRefused:
        return
    for member in members:
        _single(member)


def _binary(body: bytes) -> None:
    _understood(lambda: read_binary(HEADERS, "application/json", body))


def _header(body: bytes, *names: str) -> None:
    text = body.decode("latin-1")
    for name in names or ("source",):
        _understood(lambda name=name: read_binary(HEADERS | {name: text}, text, b""))  # type: ignore[misc]


def _arrive(body: bytes) -> None:
    """Let it arrive in every mode, alone and between neighbours."""
    for receive in (_single, _batch, _binary):
        receive(body)
    _header(body, *HEADERS)
    _batch(b"[" + body + b" , " + body + b"]")


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
        _single(body[:end])
        _single(body[:end] + body[end + 1 :])
        _batch(b"[" + body[:end])


def _filled(piece: bytes, head: bytes = b"", tail: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: head + piece * ((size - len(head) - len(tail)) // len(piece)) + tail


def _event(member: str, piece: str, head: str = "", tail: str = "") -> Callable[[int], bytes]:
    """A CloudEvent in which one text is nearly all there is."""
    data = {"device": {}, "roaming": True, "countryName": ["FR"], "subscriptionId": "s"}
    sent = HEADERS | {"data": data}
    *path, last = member.split(".")
    place: Any = sent
    for step in path:
        place = place[step]
    place[last] = "\x01"
    before, after = json.dumps(sent).encode().split(rb"\u0001")
    return _filled(piece.encode(), before + head.encode(), tail.encode() + after)


# Each makes a body of about so many bytes that is hard on one part of the parser.
SHAPES: dict[str, Callable[[int], bytes]] = {
    "open brackets": _filled(b"["),
    "open objects": _filled(b'{"a":'),
    "brackets in brackets": lambda size: b"[" * (size // 2) + b"]" * (size // 2),
    "a thousand levels, then space": _filled(b" ", b"[" * 1000 + b"]" * 1000),
    "a hundred levels, over and over": _filled(b"[" * 100 + b"]" * 100 + b",", b"[", b"0]"),
    "empty lists": _filled(b"[],", b"[", b"[]]"),
    "digits side by side": _filled(b"1,", b"[", b"1]"),
    "space": _filled(b" ", b"[", b"]"),
    "lines before a fault": _filled(b"\n", b"", b"x"),
    "lines before a NUL": _filled(b"\n", b"[", rb'"\u0000"]'),
    "escaped backslashes": _filled(rb"\\", b'["', b'"]'),
    "escaped backslashes, then a NUL": _filled(rb"\\", b'["', rb'\u0000"]'),
    "escaped backslashes without end": _filled(rb"\\", b'["'),
    "NULs": _filled(rb"\u0000", b'["', b'"]'),
    "what looks like NULs": _filled(rb"\\u0000", b'["', b'"]'),
    "escaped quotes and a NUL": _filled(rb"\"", b'["', rb'\u0000"]'),
    "lone surrogates": _filled(rb"\ud800", b'["', b'"]'),
    "one long integer": _filled(b"9", b"[", b"]"),
    "long integers": _filled(b"9" * 19 + b",", b"[", b"1]"),
    "integers nearly beyond a double": _filled(b"9" * 299 + b",", b"[", b"1e400]"),
    "one long fraction": _filled(b"0", b"[0.", b"1]"),
    "one long exponent": _filled(b"9", b"[1e", b"]"),
    "tiny fractions": _filled(b"1e-999,", b"[", b"1]"),
    "numbers beyond a double": _filled(b"1e999,", b"[", b"1]"),
    "a repeated key": _filled(b'"a":1,', b"{", b'"a":1}'),
    "many keys": lambda size: json.dumps({f"{n:x}": n for n in range(size // 14)}).encode(),
    "invalid UTF-8": _filled(b"\xff", b'["', b'"]'),
    "invalid UTF-8 after lines": _filled(b"\n", b'["', b'\xff"]'),
    "percent signs": _filled(b"%41"),
    "quoted pairs": _filled(rb"\"", b'"', b'"'),
    "an extension": _event("comexample", "x"),
    "an id": _event("id", "1"),
    "a source": _event("source", "/subscriptions/"),
    "a type": _event("type", ".a"),
    "decimals": _event("time", "0", "2026-03-02T10:00:00.", "Z"),
    "decimals without end": _event("time", "0", "2026-03-02T10:00:00.", "!"),
    "a phone number": _event("data.device.phoneNumber", " "),
    "separators": _event("data.device.phoneNumber", "- 9"),
    "an address": _event("data.device.ipv6Address", "/6"),
    "a network access identifier": _event("data.device.networkAccessIdentifier", "a@"),
    "marks upon marks": _event("data.device.networkAccessIdentifier", "\u0315\u0300", "a"),
    "a country": _event("data.countryName", "FR"),
    "countries": lambda size: bodies.cloudevent(
        "roaming-status", {"countryName": [17] * (size // 4), "roaming": True}
    ),
    "a flat event": lambda size: json.dumps(
        FLAT | {f"{n:x}": n for n in range(size // 14)}
    ).encode(),
}
WAYS = {"single": _single, "batch": _batch, "binary": _binary, "header": _header}
# Of these, one octet may become an object of its own, here or in a library.
CROWDED = {
    "countries",
    "digits side by side",
    "empty lists",
    "percent signs",
}


def _steps(receive: Callable[[bytes], None], body: bytes) -> int:
    """Count the instructions Python executes."""
    steps = 0

    def step(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        receive(body)
    finally:
        sys.settrace(before)
    return steps


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_length_takes_at_most_four_times_the_steps(shape: str, way: str) -> None:
    receive, size = WAYS[way], KIB
    receive(SHAPES[shape](64))
    once, fourfold = (_steps(receive, SHAPES[shape](factor * size)) for factor in (1, 4))
    assert fourfold <= 4 * once + 2_000
    assert once <= 200 * size


# What Python code cannot show, the work inside regular expressions and codecs, shows here: were any
# of it quadratic, a quarter of a megabyte would take minutes.
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_memory_taken_is_bounded_by_the_length(shape: str, way: str) -> None:
    body = SHAPES[shape](256 * KIB)
    receive = split_batch if way == "batch" else WAYS[way]
    tracemalloc.start()
    try:
        receive(body)
    except NotificationRefused:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak <= (160 if shape in CROWDED else 50) * len(body) + 256 * KIB
