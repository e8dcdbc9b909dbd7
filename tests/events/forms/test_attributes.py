"""How attributes are taken as text, which subscription id is chosen, and what a digest tells."""

import pytest

from receiver.errors import NotificationRefused
from receiver.events.findings import Finding
from receiver.events.forms.attributes import (
    choose_subscription_id,
    make_digest,
    require_text,
    take_text,
)


def _take(value: object) -> tuple[str | None, set[Finding]]:
    findings: set[Finding] = set()
    return take_text(value, "id", 8, Finding.ID_NOT_A_STRING, findings), findings


@pytest.mark.parametrize(
    ("value", "text", "findings"),
    [
        (None, None, set()),
        ("", "", set()),
        ("x" * 8, "x" * 8, set()),
        (17, "17", {Finding.ID_NOT_A_STRING}),
        (1.0, "1.0", {Finding.ID_NOT_A_STRING}),
    ],
)
def test_text_and_numbers_are_taken_as_text(
    value: object, text: str | None, findings: set[Finding]
) -> None:
    assert (text, findings) == _take(value)


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        (True, "id: must be a string"),
        ({}, "id: must be a string"),
        ([], "id: must be a string"),
        ("x" * 9, "id: longer than 8 characters"),
        (123456789, "id: longer than 8 characters"),
    ],
)
def test_another_value_or_a_longer_one_is_refused(value: object, refusal: str) -> None:
    for take in (take_text, require_text):
        with pytest.raises(NotificationRefused) as refused:
            take(value, "id", 8, Finding.ID_NOT_A_STRING, set())
        assert refusal == str(refused.value)


@pytest.mark.parametrize(("value", "refusal"), [(None, "id: missing"), ("", "id: empty")])
def test_required_text_may_not_be_absent_or_empty(value: object, refusal: str) -> None:
    with pytest.raises(NotificationRefused) as refused:
        require_text(value, "id", 8, Finding.ID_NOT_A_STRING, set())
    assert refusal == str(refused.value)


def test_a_required_number_is_taken_with_its_finding() -> None:
    findings: set[Finding] = set()
    assert require_text(17, "id", 8, Finding.ID_NOT_A_STRING, findings) == "17"
    assert {Finding.ID_NOT_A_STRING} == findings


@pytest.mark.parametrize(
    ("claims", "chosen", "fault", "findings"),
    [
        ([], None, None, set()),
        ([("a", None), ("b", "second"), ("c", "third")], "second", None, set()),
        ([("a", ""), ("b", "second")], "second", None, {Finding.SUBSCRIPTION_ID_EMPTY}),
        ([("a", 17)], "17", None, {Finding.SUBSCRIPTION_ID_NOT_A_STRING}),
        ([("a", []), ("b", {}), ("c", "third")], "third", "a: must be a string", set()),
        ([("a", "first"), ("b", [])], "first", None, set()),
        ([("a", "x" * 257)], None, "a: longer than 256 characters", set()),
        ([("a", "x" * 256)], "x" * 256, None, set()),
    ],
)
def test_the_first_subscription_id_that_makes_sense_is_chosen(
    claims: list[tuple[str, object]],
    chosen: str | None,
    fault: str | None,
    findings: set[Finding],
) -> None:
    found: set[Finding] = set()
    subscription_id, refusal = choose_subscription_id(claims, found)
    assert (chosen, findings) == (subscription_id, found)
    assert fault == (None if refusal is None else str(refusal))


# The identities of stored events are such digests: a change here stores every event again.
def test_the_encoding_of_a_digest_is_fixed() -> None:
    made = make_digest("//op.invalid", "1", None, {"b": [1, True], "a": "é"})
    assert made.hex() == "b5661386b8d1918209e351b4c99b9f2b"


def test_a_digest_depends_on_every_value_and_its_place_but_on_no_order_of_keys() -> None:
    assert make_digest({"a": 1, "b": 2}) == make_digest({"b": 2, "a": 1})
    said: list[tuple[object, ...]] = [("a", None), (None, "a"), ("a",), ("a", ""), ([1, 2],)]
    assert len({make_digest(*values) for values in [*said, ([2, 1],)]}) == 6
