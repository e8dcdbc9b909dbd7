"""Rates: so many at once, then so many a second, and a bounded memory."""

import asyncio
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.api.access.rates import (
    BURST_SECONDS,
    Rates,
    Timer,
    question_turns,
    sending_rate,
)
from receiver.errors import QuestionsExceeded, RateExceeded

# Any day of a machine's life: rounding depends on how large the clock's figures are.
STARTS = st.floats(0, 1e8)
STEPS = st.lists(st.floats(0, 5), max_size=200)
RATES = st.floats(0.01, 1000)
BURSTS = st.integers(1, 50)


def passages(rates: Rates, start: float, steps: list[float], name: str = "it") -> list[float]:
    """The times at which it passed, of those at which it tried."""
    passed, now = [], start
    for step in steps:
        now += step
        if rates.admit(name, now) == 0:
            passed.append(now)
    return passed


@given(start=STARTS, rate=RATES, burst=BURSTS)
def test_exactly_the_burst_passes_at_once(start: float, rate: float, burst: int) -> None:
    rates = Rates(rate, burst=burst)
    assert len(passages(rates, start, [0.0] * (2 * burst))) == burst


@given(start=STARTS, steps=STEPS, rate=RATES, burst=BURSTS)
def test_no_stretch_of_time_sees_more_than_the_burst_and_the_rate(
    start: float, steps: list[float], rate: float, burst: int
) -> None:
    passed = passages(Rates(rate, burst=burst), start, steps)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            allowed = burst + 1 + (passed[last] - passed[first]) * rate
            assert last - first + 1 <= allowed


@given(start=STARTS, rate=RATES, burst=BURSTS, number=st.integers(1, 100))
def test_who_keeps_to_the_rate_always_passes(
    start: float, rate: float, burst: int, number: int
) -> None:
    steps = [1 / rate] * number
    assert len(passages(Rates(rate, burst=burst), start, steps)) == number


@given(start=STARTS, steps=STEPS, rate=RATES, burst=BURSTS)
def test_who_waits_as_long_as_told_passes(
    start: float, steps: list[float], rate: float, burst: int
) -> None:
    rates = Rates(rate, burst=burst)
    passages(rates, start, steps)
    now = start + sum(steps)
    while not (wait := rates.admit("it", now)):
        pass
    # A clock so far from its start knows no less than this.
    assert rates.admit("it", now + math.ceil(wait) + 1e-6) == 0


def counting(per_second: float, clock: Timer) -> Callable[[str], None]:
    count = sending_rate(per_second, clock)
    assert count is not None
    return count


def test_names_do_not_count_for_each_other() -> None:
    rates = Rates(1, burst=2)
    assert len(passages(rates, 0, [0, 0, 0], "one")) == 2
    assert len(passages(rates, 0, [0, 0, 0], "other")) == 2


def test_the_name_seen_least_recently_is_forgotten_first() -> None:
    rates = Rates(1, burst=1, names_limit=2)
    for name in ("one", "other", "one", "third"):
        rates.admit(name, 0)
    assert rates.admit("one", 0) > 0
    assert rates.admit("other", 0) == 0


def test_a_credential_sends_ten_seconds_worth_at_once_and_is_told_to_wait_then() -> None:
    now = 0.0
    count = counting(2, lambda: now)
    for _ in range(2 * BURST_SECONDS):
        count("operator")
    with pytest.raises(RateExceeded) as refused:
        count("operator")
    count("other")
    assert 0 < refused.value.wait_seconds <= 0.5
    now += 0.5
    count("operator")


def test_a_rate_below_one_in_ten_seconds_lets_one_pass() -> None:
    now = 0.0
    count = counting(0.01, lambda: now)
    count("operator")
    with pytest.raises(RateExceeded):
        count("operator")
    now = 100.0
    count("operator")


async def test_a_question_too_many_is_told_when_to_come_again() -> None:
    turns = question_turns(1, patience_seconds=0.01)
    async with turns.turn("a"):
        with pytest.raises(QuestionsExceeded, match="More than 1 questions") as refused:
            async with turns.turn("a"):
                raise AssertionError
    assert refused.value.wait_seconds == 1


async def test_of_questions_that_arrive_together_one_begins_in_a_turn_of_the_loop() -> None:
    turns = question_turns(5, patience_seconds=60)
    begun = 0

    async def ask(name: str) -> None:
        nonlocal begun
        async with turns.turn(name):
            begun += 1
            # The database answers.
            await asyncio.sleep(0)

    asked = [asyncio.create_task(ask(f"reader-{number % 3}")) for number in range(9)]
    of_turns = []
    while not all(task.done() for task in asked):
        before = begun
        await asyncio.sleep(0)
        of_turns.append(begun - before)
    assert (begun, max(of_turns)) == (9, 1)
