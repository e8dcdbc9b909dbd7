"""Repetition and order: what two requests of a case have in common."""

import json
from datetime import UTC, datetime

from receiver.conformance.cases.repeating import list_repeating
from receiver.conformance.writing import Writer

CASES = {
    case.name: case for case in list_repeating(Writer("run", datetime(2026, 3, 4, tzinfo=UTC)))
}


def test_a_redelivery_is_the_same_request_twice() -> None:
    first, second = CASES["redelivery"].requests
    assert first == second


def test_the_same_id_from_another_source_differs_in_the_source_only() -> None:
    first, second = (json.loads(one.body) for one in CASES["same-id-from-another-source"].requests)
    assert {name for name in first if first[name] != second[name]} == {"source"}


def test_the_reordered_event_comes_after_a_later_one() -> None:
    first, second = (json.loads(one.body)["time"] for one in CASES["reordered"].requests)
    assert first > second
