"""How a family takes a member: as it is, as a word, or from inside the device."""

import pytest

from receiver.events.event import Form
from receiver.events.family import Family, Members
from receiver.events.findings import Finding


def _members(**sent: object) -> Members:
    return Members(sent, Form.LEGACY, set())


@pytest.mark.parametrize(
    ("value", "word"), [(None, None), ("", ""), ("5G", "5G"), ("x" * 256, "x" * 256)]
)
def test_text_is_taken_as_a_word_and_null_as_absent(value: object, word: str | None) -> None:
    members = _members(reason=value)
    assert word == members.take_word("reason", Finding.REASON_MALFORMED)
    assert members.findings == set()


def test_an_absent_member_is_none() -> None:
    assert _members().take_word("reason", Finding.REASON_MALFORMED) is None


@pytest.mark.parametrize("value", [17, False, ["5G"], {}, "x" * 257])
def test_another_value_is_left_out_with_a_finding(value: object) -> None:
    members = _members(reason=value)
    assert members.take_word("reason", Finding.REASON_MALFORMED) is None
    assert members.findings == {Finding.REASON_MALFORMED}


@pytest.mark.parametrize(
    ("sent", "inside", "taken", "findings"),
    [
        ({"reason": "a"}, {}, "a", set()),
        ({}, {"reason": "b"}, "b", {Finding.REASON_INSIDE_DEVICE}),
        ({"reason": "a"}, {"reason": "b"}, "a", {Finding.REASON_INSIDE_DEVICE}),
        ({"reason": None}, {"reason": "b"}, "b", {Finding.REASON_INSIDE_DEVICE}),
        ({}, {"note": "b"}, None, set()),
    ],
)
def test_a_member_inside_the_device_is_taken_where_it_stands_nowhere_else(
    sent: dict[str, object], inside: dict[str, object], taken: object, findings: set[Finding]
) -> None:
    members = Members(sent, Form.CLOUDEVENTS, set(), inside)
    assert taken == members.take("reason", Finding.REASON_INSIDE_DEVICE)
    assert findings == members.findings


def test_a_family_needs_no_more_than_its_meanings() -> None:
    family = Family(meanings={})
    assert (family.legacy_meanings, family.synonyms) == ({}, ())
    assert frozenset() == family.apis_without_subscription_id
