"""How a family takes a member as a word, and how it refuses one."""

import pytest

from receiver.errors import NotificationRefused
from receiver.events.family import Family, Members


def _members(**sent: object) -> Members:
    return Members(sent, "event.eventDetail", set())


@pytest.mark.parametrize(
    ("value", "word"), [(None, None), ("", ""), ("5G", "5G"), ("x" * 256, "x" * 256)]
)
def test_text_is_taken_as_a_word_and_null_as_absent(value: object, word: str | None) -> None:
    assert word == _members(reason=value).take_word("reason")


def test_an_absent_member_is_none() -> None:
    assert _members().take_word("reason") is None


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        (17, "event.eventDetail.reason: must be a string"),
        (False, "event.eventDetail.reason: must be a string"),
        (["5G"], "event.eventDetail.reason: must be a string"),
        ("x" * 257, "event.eventDetail.reason: too long"),
    ],
)
def test_another_value_is_refused_at_its_place(value: object, refusal: str) -> None:
    with pytest.raises(NotificationRefused) as refused:
        _members(reason=value).take_word("reason")
    assert refusal == str(refused.value)


def test_a_refusal_is_made_and_not_raised() -> None:
    refusal = _members(code=31337).refuse("out of range", "code")
    assert str(refusal) == "event.eventDetail.code: out of range"


def test_a_family_needs_no_more_than_its_meanings() -> None:
    family = Family(meanings={})
    assert (family.legacy_meanings, family.synonyms) == ({}, ())
    assert frozenset() == family.apis_without_subscription_id
