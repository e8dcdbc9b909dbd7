"""What a sink answers: how the correlator and the error are judged."""

from datetime import UTC, datetime

import pytest

from receiver.conformance.cases.answering import CORRELATOR, list_answering
from receiver.conformance.exchange import Answer
from receiver.conformance.writing import Writer

CASES = {
    case.name: case for case in list_answering(Writer("run", datetime(2026, 3, 4, tzinfo=UTC)))
}


@pytest.mark.parametrize(
    ("headers", "is_met", "seen"),
    [
        ({"x-correlator": CORRELATOR}, True, "204, `x-correlator`: the same"),
        ({"x-correlator": "own"}, False, "204, `x-correlator`: another"),
        ({}, False, "204, `x-correlator`: none"),
    ],
)
def test_the_correlator_comes_back_as_it_was(
    headers: dict[str, str], is_met: bool, seen: str
) -> None:
    case = CASES["correlator-is-echoed"]
    assert case.requests[0].headers["x-correlator"] == CORRELATOR
    assert case.judge([Answer(204, headers=headers)]) == (is_met, seen)


def test_without_an_answer_there_is_no_correlator() -> None:
    silent = CASES["correlator-is-echoed"].judge([Answer(None, "closed")])
    assert silent == (False, "no answer (closed)")


@pytest.mark.parametrize(
    ("answer", "is_met"),
    [
        (Answer(400, body=b'{"status": 400, "code": "INVALID_ARGUMENT", "message": "no"}'), True),
        (Answer(400, body=b'{"status": "400", "code": "INVALID_ARGUMENT", "message": ""}'), False),
        (Answer(400, body=b'{"status": 400, "code": 7, "message": "no"}'), False),
        (Answer(400, body=b"Bad request"), False),
        (Answer(204), None),
        (Answer(500), None),
    ],
)
def test_a_refusal_has_the_members_of_error_info(answer: Answer, is_met: bool | None) -> None:
    assert CASES["error-is-error-info"].judge([answer]).is_met is is_met


def test_what_an_error_lacks_is_named() -> None:
    told = CASES["error-is-error-info"].judge([Answer(400, body=b'{"code": "GONE"}')])
    assert told.seen == "400 GONE, wrong or missing: status, message"
