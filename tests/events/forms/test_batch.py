"""How a batch is cut into its members, and that none of them harms its neighbours."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import NotificationRefused
from receiver.events.forms.batch import split_batch
from receiver.events.forms.structured import read_structured
from tests.support import bodies


def _refusal(body: bytes) -> str:
    with pytest.raises(NotificationRefused) as refused:
        split_batch(body)
    return str(refused.value)


@pytest.mark.parametrize("body", [b"[]", b" [ \r\n\t] ", b"\xef\xbb\xbf[]"])
def test_an_empty_batch_has_no_members(body: bytes) -> None:
    assert split_batch(body) == []


def test_no_more_members_are_cut_than_are_asked_for() -> None:
    body = b"[1, 2, 3" + b",{}" * 50_000 + b"]"
    assert split_batch(body, 3) == [b"1", b"2", b"3"]
    assert split_batch(b"[1]", 3) == [b"1"]
    assert split_batch(b"[1]", 0) == []
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
    assert members == split_batch(body)


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
    assert [good, fault, good] == members
    assert read_structured(members[2]).name == "roaming-on"
    with pytest.raises(NotificationRefused):
        read_structured(members[1])


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
    assert split_batch(b"[" * 1024 + b"]" * 1024) == [b"[" * 1023 + b"]" * 1023]


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
    assert sent == split_batch(body)
