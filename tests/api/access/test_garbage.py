"""Garbage of questions is collected before it takes long."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from receiver.api.access.garbage import OUTLIVED, PORTION, collect_portion
from tests.support.callers import Callers

QUESTIONS = 30


class Knot:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture(autouse=True)
def rare_collector() -> Iterator[None]:
    """The collector looks as seldom as in a worker, or more seldom."""
    before = gc.get_threshold()
    gc.set_threshold(10**6)
    gc.collect()
    yield
    gc.set_threshold(*before)


def test_little_garbage_is_left_and_much_is_collected() -> None:
    [Knot() for _ in range(10)]
    few = gc.get_count()[0]
    collect_portion()
    assert gc.get_count()[0] >= few
    [Knot() for _ in range(PORTION)]
    collect_portion()
    assert gc.get_count()[0] < PORTION


def test_what_outlives_a_portion_is_collected_with_a_later_one() -> None:
    outlived = []
    for _ in range(20 * OUTLIVED):
        under_way = Knot()
        outlived.append(ref(under_way))
        [Knot() for _ in range(PORTION)]
        collect_portion()
        del under_way
    # Of each generation those since it was looked at last.
    assert sum(each() is not None for each in outlived) <= 2 * (OUTLIVED + 1)


async def test_questions_leave_no_more_than_a_few_of_them_do(shared_callers: Callers) -> None:
    counts = []
    for _ in range(QUESTIONS):
        answer = await shared_callers.reader.get("/events")
        assert answer.status_code == 200
        counts.append(gc.get_count()[0])
    # Without, hundreds are added by each.
    assert max(counts[QUESTIONS // 2 :]) < 4 * PORTION
