"""How a batch is cut into its members, and that none of them harms its neighbours."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import NotificationRefused
from receiver.events.forms import strict_json
from receiver.events.forms.batch import split_batch
from receiver.events.forms.structured import read_structured
from tests.support import bodies
from tests.support.cutting import cut_slowly
from tests.support.lengths import lengths


def _cut(body: bytes, stop_after: int | None = None) -> list[bytes]:
    return [member.body for member in split_batch(body, stop_after)]


def _refusal(body: bytes) -> str:
    with pytest.raises(NotificationRefused) as refused:
        split_batch(body)
    return str(refused.value)


@pytest.mark.parametrize("body", [b"[]", b" [ \r\n\t] ", b"\xef\xbb\xbf[]"])
def test_an_empty_batch_has_no_members(body: bytes) -> None:
    assert _cut(body) == []


def test_no_more_members_are_cut_than_are_asked_for() -> None:
    body = b"[1, 2, 3" + b",{}" * 50_000 + b"]"
    assert _cut(body, 3) == [b"1", b"2", b"3"]
    assert _cut(b"[1]", 3) == [b"1"]
    assert _cut(b"[1]", 0) == []
    with pytest.raises(NotificationRefused):
        split_batch(body[:-1], 3)


def test_members_are_given_to_the_letter_without_the_space_around_them() -> None:
    members = [
        b'{ "a" : [1, {"b": "]},{"}],\n "a": 2 }',
        rb'"\\\"],["',
        b"[ ]",
        b"-1.50E+2",
        b"null",
        '"é\u2028"'.encode(),
    ]
    body = b"\xef\xbb\xbf\r\n[ " + b"\t,\n".join(members) + b" ] "
    assert members == _cut(body)


@pytest.mark.parametrize(
    "fault",
    [
        b"[1e400]",
        b"[-9e99999]",
        b'{"a": ' + b"9" * 5000 + b"}",
        b"9" * 400 + b".5e7",
        b"0." + b"9" * 400 + b"e+7",
        b'["' + b"9" * 400 + rb'\ud800"]',
        rb'"\ud800"',
        rb'"\u0000"',
        b"[" * 100 + b"]" * 100,
        b"17",
    ],
)
def test_the_fault_of_one_member_costs_that_member_only(fault: bytes) -> None:
    good = bodies.cloudevent("roaming-on")
    members = split_batch(b"[" + good + b"," + fault + b"," + good + b"]")
    assert [good, fault, good] == [member.body for member in members]
    assert read_structured(*members[2]).name == "roaming-on"
    with pytest.raises(NotificationRefused):
        read_structured(*members[1])


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", "line 1 column 1: not valid JSON"),
        (b"[1,\n 2,]", "line 2 column 3: not valid JSON"),
        (b"[1 2]", "line 1 column 4: not valid JSON"),
        (b"[1] [2]", "line 1 column 5: not valid JSON"),
        (b"[1e400, NaN]", "line 1 column 9: not valid JSON"),
        (b"[01" + b"1" * 400 + b"]", "line 1 column 2: not valid JSON"),
        (b"[1e400,\n 'a']", "line 2 column 2: not valid JSON"),
        (b'["\\ud800", "\xff"]', "line 1 column 13: not valid UTF-8"),
        (b"[" * 1025 + b"]" * 1025, "line 1 column 1026: not valid JSON"),
        (b'{"specversion": "1.0"}', "must be a JSON array"),
        (b'"["', "must be a JSON array"),
        (b"17", "must be a JSON array"),
    ],
)
def test_what_is_no_batch_is_refused_with_its_place(body: bytes, refusal: str) -> None:
    assert refusal == _refusal(body)


def test_a_member_may_be_as_deep_as_json_is_read() -> None:
    assert _cut(b"[" * 1024 + b"]" * 1024) == [b"[" * 1023 + b"]" * 1023]


numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,400})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,5})?", fullmatch=True
)
texts = st.text(max_size=8).map(json.dumps) | st.from_regex(
    r'"(\\u[0-9A-Fa-f]{4}|\\["\\/bfnrt]|[0-9eE,\[{}\]]){0,8}"', fullmatch=True
)
values = st.recursive(
    numbers | texts | st.sampled_from(["true", "null", "{}", "[]"]),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda members: f"[{' ,'.join(members)}]")
        | st.lists(st.tuples(texts, inner), max_size=3).map(
            lambda members: "{" + ",".join(f"{key}\n:{value}" for key, value in members) + "}"
        )
    ),
    max_leaves=8,
)


@given(st.lists(values, max_size=6), st.sampled_from(["", " ", "\r\n\t"]))
def test_any_members_the_grammar_allows_are_cut_apart_again(members: list[str], gap: str) -> None:
    sent = [member.encode() for member in members]
    body = f"[{gap}{f'{gap},{gap}'.join(members)}{gap}]".encode()
    assert sent == _cut(body)


GAPS = [b",", b", ", b" ,", b",\n  ", b"\r\n\t,\r\n", b"\x0b,", b",,", b""]
ENDS = [
    *[(b"[", b"]"), (b" [\n", b"\t] "), (b"\xef\xbb\xbf[ ", b"]")] * 4,
    *[(b"[", b""), (b"", b"]"), (b"[", b"],"), (b"[\x0b", b"]"), (b"", b"")],
]
UNUSUAL = [
    b"[1e400]",
    rb'"\ud800"',
    rb'{"a":"\u0000"}',
    b'{"a":' * 65 + b"1" + b"}" * 65,
    b'[{"a":1},{"a":2}]',
    b'{"a":[{"b":1},{"b":2}]}',
    b'{"a":[{"b":1}, {"b":2}]}',
    rb'{"a":"},{"}',
    rb'{"a":"}, {\"b\":1}"}',
    b'{"a":1,"a":2}',
    b"{}",
    b"[]",
    b"17",
    b'"a"',
    b"true",
    b'{"a":NaN}',
    b'{"a":"\xff"}',
    '{"a":"\u00e9\u2028"}'.encode(),
    b'{"a":1',
    b'"a":1}',
    b"{ }",
    b"\xef\xbb\xbf{}",
    b'{"a":1} // no JSON',
]


@pytest.mark.parametrize("examples", lengths(3_000, 200_000))
def test_a_batch_is_cut_as_one_byte_after_another_cuts_it(examples: int) -> None:
    chance = random.Random(15)  # noqa: S311 - any numbers will do
    kinds = [bodies.cloudevent("roaming-on"), b'{"a":{"b":[1,{}]}}', *UNUSUAL]
    for _ in range(examples):
        usual = chance.choice(GAPS[:5])
        text = b""
        for place in range(chance.randrange(6)):
            gap = usual if chance.random() < 0.9 else chance.choice(GAPS)
            kind = chance.choice(kinds[:2] if chance.random() < 0.8 else kinds)
            text += gap * (place > 0) + kind
        begin, end = chance.choice(ENDS)
        body = begin + text + end
        expected = cut_slowly(body)
        if expected is None:
            _refusal(body)
            continue
        members = split_batch(body)
        assert expected == [member.body for member in members]
        assert [
            strict_json.parse(member.body) for member in members if member.document is not None
        ] == [member.document for member in members if member.document is not None]


def test_members_with_the_same_bytes_between_are_parsed_once() -> None:
    good = bodies.cloudevent("roaming-on")
    for between in (b",", b", ", b"\r\n,\r\n  "):
        members = split_batch(b" [ " + between.join([good] * 3) + b"\n]")
        assert [(good, json.loads(good))] * 3 == members


def test_members_that_look_cut_elsewhere_are_cut_by_their_brackets() -> None:
    tricky = [b'{"a":"},{"}', b'{"a":[{},{}]}', b'{"a":"}, {"}']
    assert tricky == _cut(b"[" + b",".join(tricky) + b"]")
