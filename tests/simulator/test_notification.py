"""A notification knows the answer that it should get."""

import pytest

from receiver.simulator.notification import Fault, Notification, Shape

ANSWERS = {
    "duplicate": 204,
    "reordered": 204,
    "late": 204,
    "unknown type": 204,
    "malformed JSON": 400,
    "impossible data": 400,
    "wrong token": 401,
    "wrong media type": 415,
}


def notification(fault: Fault | None = None) -> Notification:
    return Notification(b"{}", {}, "+99999991000", Shape.LEGACY, fault=fault)


def test_without_a_fault_204_is_expected() -> None:
    assert notification().expected == 204


def test_each_fault_has_the_answer_it_should_have() -> None:
    assert {str(fault): fault.answer for fault in Fault} == ANSWERS


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_decides_the_expected_answer(fault: Fault) -> None:
    assert notification(fault).expected == ANSWERS[fault]
