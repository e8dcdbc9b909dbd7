"""Turns: a name has a few at a time, and forgets whoever is done, however that came."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.turns import Turns

PATIENT = 60.0


def turns_of(at_once: int, patience_seconds: float = PATIENT) -> Turns:
    return Turns(at_once, patience_seconds=patience_seconds, refusal=lambda: LookupError("no turn"))


@given(
    at_once=st.integers(1, 3),
    names=st.lists(st.sampled_from("abc"), max_size=20),
    ends=st.lists(st.sampled_from(["ends", "fails", "is cancelled"]), min_size=20, max_size=20),
)
def test_no_name_has_more_turns_at_a_time_than_it_may(
    at_once: int, names: list[str], ends: list[str]
) -> None:
    async def run() -> None:
        turns = turns_of(at_once)
        running: Counter[str] = Counter()
        done = 0

        async def ask(name: str, end: str) -> None:
            nonlocal done
            async with turns.turn(name):
                running[name] += 1
                assert running[name] <= at_once
                await asyncio.sleep(0)
                running[name] -= 1
                done += 1
                if end == "fails":
                    raise LookupError
                if end == "is cancelled":
                    raise asyncio.CancelledError

        asked = [ask(name, end) for name, end in zip(names, ends, strict=False)]
        await asyncio.gather(*asked, return_exceptions=True)
        assert done == len(names)
        assert len(turns) == 0

    asyncio.run(run())


async def test_a_caller_whose_turn_does_not_come_in_time_is_refused_and_forgotten() -> None:
    turns = turns_of(1, 0.01)
    async with turns.turn("a"):
        with pytest.raises(LookupError, match="no turn"):
            async with turns.turn("a"):
                raise AssertionError
        async with turns.turn("b"):
            assert len(turns) == 2
    assert len(turns) == 0
    async with turns.turn("a") as has_waited:
        assert not has_waited


async def test_a_caller_that_is_cancelled_while_it_waits_takes_no_turn() -> None:
    turns = turns_of(1)

    async def ask() -> None:
        async with turns.turn("a"):
            pass

    async with turns.turn("a"):
        gone, staying = asyncio.create_task(ask()), asyncio.create_task(ask())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        assert not staying.done()
    await staying
    assert gone.cancelled()
    assert len(turns) == 0


async def test_callers_have_their_turns_in_the_order_in_which_they_asked() -> None:
    turns = turns_of(1)
    order: list[int] = []

    async def ask(number: int) -> None:
        async with turns.turn("a") as has_waited:
            order.append(number)
            assert has_waited == (number > 0)
            await asyncio.sleep(0)

    await asyncio.gather(*map(ask, range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_each_caller_begins_once_its_turn_has_come_and_a_fault_of_it_frees_the_turn() -> None:
    begun = []

    async def begin() -> None:
        begun.append(len(turns))
        if len(begun) == 1:
            raise ValueError("no beginning")

    turns = Turns(1, patience_seconds=PATIENT, refusal=LookupError, begin=begin)
    with pytest.raises(ValueError, match="no beginning"):
        async with turns.turn("a"):
            pass
    async with turns.turn("a"):
        assert begun == [1, 1]
    assert len(turns) == 0
