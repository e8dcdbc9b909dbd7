"""Long work of many goes on in one slice in each turn of the event loop."""

import asyncio

import pytest

from receiver.api.slices import SLICE_SECONDS, Slices

SLICES = 5
# Enough for everybody, the slices and their beginning.
TURNS = 40


class Timer:
    """A slice is over at every look at it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 2 * SLICE_SECONDS
        return self.now


async def count_slices(workers: int, *, cancelled: int = 0) -> tuple[list[int], list[int]]:
    """Returns how many slices each turn of the loop had, and who had them in order."""
    slices = Slices(Timer())
    turn, of_turns, who = 0, [0] * TURNS, []

    async def work(number: int) -> None:
        ends_at = await slices.begin()
        for _ in range(SLICES):
            of_turns[turn] += 1
            who.append(number)
            ends_at = await slices.go_on(ends_at)

    tasks = [asyncio.create_task(work(number)) for number in range(workers)]
    for turn in range(TURNS):
        await asyncio.sleep(0)
        if turn == 1:
            for task in tasks[:cancelled]:
                task.cancel()
    assert [task.done() for task in tasks] == [True] * workers
    return of_turns, who


@pytest.mark.parametrize("workers", [1, 2, 5])
async def test_a_turn_of_the_loop_has_one_slice_whoever_works(workers: int) -> None:
    of_turns, who = await count_slices(workers)
    assert max(of_turns) == 1
    assert sum(of_turns) == workers * SLICES
    # Who begins asks once more before the others do, and then it goes round.
    assert who[workers + 1 :][:workers] == who[1 : workers + 1]
    assert {who.count(number) for number in range(workers)} == {SLICES}


async def test_who_is_cancelled_keeps_nobody_waiting() -> None:
    of_turns, who = await count_slices(4, cancelled=2)
    assert max(of_turns) == 1
    assert [who.count(number) for number in (2, 3)] == [SLICES, SLICES]


async def test_a_slice_that_is_not_over_goes_on_at_once() -> None:
    slices = Slices(lambda: 0.0)
    ends_at = await slices.begin()
    ran: list[int] = []
    asyncio.get_running_loop().call_soon(ran.append, 1)
    assert await slices.go_on(ends_at) == ends_at == SLICE_SECONDS
    assert ran == []
