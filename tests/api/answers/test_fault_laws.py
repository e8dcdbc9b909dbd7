"""Hostile inputs to every call: no error speaks the framework's words, or repeats what was sent."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support.callers import Callers
from tests.support.described import Operation, operations, resolve
from tests.support.framework_words import find_framework_words
from tests.support.lengths import lengths

SENT = "Zq7731SentByTheCaller"
VALUES: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", SENT, f"+99{SENT}", f"{SENT}\0", 3000 * "z", [], [SENT],
    [None], 30 * [SENT], {}, {SENT: SENT}, {"phoneNumber": {SENT: 1}},
]  # fmt: skip
TEXTS = ["", "0", "-1", "1.5", "null", "[]", SENT, f"+99{SENT}", f"{SENT}\0", 3000 * "z", "1" * 40]
RAW = [
    b"", b"{", b"null", b"[]", b"5", b'"x"', b"\xff\xfe", b"[" * 2000, b"1" * 5000, b"NaN",
    b'{"a": 1e400}', b'{"a": "\\ud800"}', f'{{"{SENT}": 1}}'.encode(), b"\xef\xbb\xbf{}",
]  # fmt: skip
TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded", SENT]


def list_queries(operation: Operation) -> Iterator[list[tuple[str, str]]]:
    names = [one["name"] for one in operation.parameters if one["in"] == "query"]
    for name in names:
        yield from ([(name, text)] for text in TEXTS)
        yield [(name, SENT)] * 30
    for name in (SENT, "limt", "phoneNumber"):
        yield [(name, SENT)]
    yield [(name, SENT) for name in names]


def list_bodies(operation: Operation) -> Iterator[bytes]:
    yield from RAW
    for described in operation.bodies.values():
        schema = resolve(described["schema"])
        example = described.get("example") or schema["example"]
        yield from (json.dumps(value).encode() for value in VALUES)
        if isinstance(example, dict):
            for changed in change(example, schema):
                yield json.dumps(changed).encode()


def change(example: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields the example with each member replaced, down to the members of its members."""
    for name, described in schema.get("properties", {}).items():
        yield from ({**example, name: value} for value in VALUES)
        inner = resolve(described)
        if "properties" in inner:
            of_inner = example.get(name, {})
            for changed in change(of_inner if isinstance(of_inner, dict) else {}, inner):
                yield {**example, name: changed}


def judge(status: int, message: str) -> list[str]:
    found = find_framework_words(message)
    if SENT.lower() in message.lower():
        found.append("what was sent")
    if status >= 500 and status != 503:
        found.append(f"{status}")
    return found


@pytest.mark.parametrize("share", lengths(13, 1))
async def test_no_error_speaks_the_words_of_the_framework(callers: Callers, share: int) -> None:
    """One question of `share` is asked, each kind of value with some of the members."""
    wrong: dict[str, list[str]] = {}
    refused: dict[str, int] = {}
    # What erases comes last, as the others ask for what it would erase.
    for operation in sorted(operations(), key=lambda one: "erasure" in one.said["tags"]):
        method, path = operation.name.split(" ")
        token = f"token-of-{operation.roles[0] if operation.roles else 'reader'}"
        known = path.replace("{deviceId}", str(uuid4())).replace("{id}", SENT)
        asked: list[dict[str, Any]] = [
            {"url": known, "params": query} for query in list_queries(operation)
        ]
        if "{" in path:
            asked += [
                {"url": path.replace("{deviceId}", text).replace("{id}", text)}
                for text in ("x", "%00", "%0A", SENT, 300 * "z", "+99")
            ]
        if operation.bodies:
            asked += [
                {"url": path, "content": body, "headers": {"content-type": TYPES[0]}}
                for body in list_bodies(operation)
            ]
            asked += [
                {"url": path, "content": body, "headers": {"content-type": media_type}}
                for media_type in TYPES
                for body in RAW
            ]
        for question in asked[::share]:
            headers = {"authorization": f"Bearer {token}", **question.pop("headers", {})}
            async with callers.nobody.stream(method, headers=headers, **question) as answer:
                # A good answer may have no end.
                if answer.status_code < 400:
                    continue
                await answer.aread()
            refused[operation.name] = refused.get(operation.name, 0) + 1
            said = answer.json()
            assert set(said) == {"status", "code", "message"}, operation.name
            if judge(answer.status_code, said["message"]):
                wrong.setdefault(operation.name, []).append(said["message"])
    assert {name: sorted(set(said)) for name, said in wrong.items()} == {}
    lists_and_bodies = {
        one.name
        for one in operations()
        if one.bodies or any(parameter["in"] == "query" for parameter in one.parameters)
    }
    assert lists_and_bodies - refused.keys() == set()
