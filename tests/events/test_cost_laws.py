"""Whatever arrives is read or refused at a cost that grows with its length and no faster."""

import json
import tracemalloc
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from receiver.errors import NotificationRefused
from receiver.events.forms.batch import split_batch
from tests.support import arriving, bodies
from tests.support.instructions import Instructions

KIB = 1024


def _filled(piece: bytes, head: bytes = b"", tail: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: head + piece * ((size - len(head) - len(tail)) // len(piece)) + tail


def _event(member: str, piece: str, head: str = "", tail: str = "") -> Callable[[int], bytes]:
    """A CloudEvent in which one text is nearly all there is."""
    data = {"device": {}, "roaming": True, "countryName": ["FR"], "subscriptionId": "s"}
    sent = arriving.HEADERS | {"data": data}
    *path, last = member.split(".")
    place: Any = sent
    for step in path:
        place = place[step]
    place[last] = "\x01"
    before, after = json.dumps(sent).encode().split(rb"\u0001")
    return _filled(piece.encode(), before + head.encode(), tail.encode() + after)


def _other_name(number: int) -> str:
    """One of many names that stand for the phone number."""
    return "msisdn" + f"{number:b}".translate(str.maketrans("01", "-_"))


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
    "wide characters": _event("data.device.phoneNumber", "\ufdfa"),
    "other names": lambda size: bodies.cloudevent(
        "roaming-status", {"device": {_other_name(n): 1 for n in range(size // 24)}}
    ),
    "separators": _event("data.device.phoneNumber", "- 9"),
    "an address": _event("data.device.ipv6Address", "/6"),
    "a network access identifier": _event("data.device.networkAccessIdentifier", "a@"),
    "marks upon marks": _event("data.device.networkAccessIdentifier", "\u0315\u0300", "a"),
    "a country": _event("data.countryName", "FR"),
    "countries": lambda size: bodies.cloudevent(
        "roaming-status", {"countryName": [17] * (size // 4), "roaming": True}
    ),
    "base64": _event("data_base64", "A"),
    "lines of base64": _event("data_base64", "e\\n"),
    "an object in base64": lambda size: json.dumps(
        arriving.HEADERS | {"data_base64": b64encode(b"{}" + b" " * (size * 3 // 4)).decode()}
    ).encode(),
    "an object in a string": lambda size: json.dumps(
        arriving.HEADERS | {"data": "{" + " " * size + "}"}
    ).encode(),
    "a flat event": lambda size: json.dumps(
        arriving.FLAT | {f"{n:x}": n for n in range(size // 14)}
    ).encode(),
}
WAYS = {
    "single": arriving.single,
    "batch": arriving.batch,
    "binary": arriving.binary,
    "header": arriving.header,
}
# Of these, one octet may become an object of its own, here or in a library.
CROWDED = {
    "countries",
    "digits side by side",
    "empty lists",
    "percent signs",
}


def _steps(receive: Callable[[bytes], object], body: bytes) -> int:
    with Instructions() as steps:
        receive(body)
    return steps.number


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


@pytest.mark.parametrize("piece", [b"[],", b'{"a":[]},', b'"[",', b"[" * 9 + b"]" * 9 + b","])
def test_a_batch_is_cut_without_a_step_for_each_bracket(piece: bytes) -> None:
    def cut(size: int) -> int:
        return _steps(split_batch, b'[{"a":"},{"},[' + piece * (size // len(piece)) + b"0]]")

    # The expressions for so many brackets are compiled once.
    cut(64 * KIB)
    # A run of twice as many brackets is skipped at once, or in one step more.
    assert cut(64 * KIB) <= cut(KIB) + 6 * 100
