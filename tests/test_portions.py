"""Portions: pieces in the order in which they come, a few of them in a turn of the loop."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from receiver.portions import PORTION, Portions


@given(st.lists(st.integers(0, 3 * PORTION), max_size=8), st.lists(st.booleans(), min_size=8))
def test_each_piece_is_taken_once_in_order_and_few_in_a_turn(
    sizes: list[int], finishes: list[bool]
) -> None:
    async def run() -> None:
        taken: list[int] = []
        portions = Portions(taken.extend)
        added = 0
        for size, is_finished in zip(sizes, finishes, strict=False):
            portions.add(range(added, added + size))
            added += size
            before = len(taken)
            await asyncio.sleep(0)
            assert len(taken) - before <= PORTION
            if is_finished:
                portions.finish()
                assert (len(taken), len(portions)) == (added, 0)
        while len(portions):
            before = len(taken)
            await asyncio.sleep(0)
            assert before < len(taken) <= before + PORTION
        assert taken == list(range(added))

    asyncio.run(run())


async def test_what_is_added_is_taken_in_no_turn_but_the_next() -> None:
    taken: list[str] = []
    portions = Portions(taken.extend)
    portions.add(["first"])
    assert taken == []
    await asyncio.sleep(0)
    assert taken == ["first"]
    # One more turn that finds nothing: it is not to be had for what comes behind it.
    await asyncio.sleep(0)
    portions.add(["second"])
    assert taken == ["first"]
    await asyncio.sleep(0)
    assert taken == ["first", "second"]


async def test_a_piece_may_bring_further_ones() -> None:
    taken: list[int] = []

    def take(pieces: Sequence[int]) -> None:
        taken.extend(pieces)
        portions.add(piece + 1 for piece in pieces if piece < 3)

    portions = Portions(take)
    portions.add([0])
    for _ in range(4):
        await asyncio.sleep(0)
    assert taken == [0, 1, 2, 3]


async def test_an_error_costs_one_portion_and_is_reported() -> None:
    taken: list[int] = []

    def take(pieces: Sequence[int]) -> None:
        if 0 in pieces:
            raise LookupError
        taken.extend(pieces)

    reported = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: reported.append(type(context["exception"]))
    )
    portions = Portions(take)
    portions.add(range(PORTION + 2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (reported, taken) == ([LookupError], [PORTION, PORTION + 1])
