"""Portions: pieces in the order in which they come, a few of them in a turn of the loop."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from receiver.portions import PORTION, Portions, Rota


@given(st.lists(st.integers(0, 3 * PORTION), max_size=8), st.lists(st.booleans(), min_size=8))
def test_each_piece_is_taken_once_in_order_and_few_in_a_turn(
    sizes: list[int], finishes: list[bool]
) -> None:
    async def run() -> None:
        taken: list[int] = []
        portions = Portions(taken.extend, Rota())
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
    portions = Portions(taken.extend, Rota())
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

    portions = Portions(take, Rota())
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
    portions = Portions(take, Rota())
    portions.add(range(PORTION + 2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (reported, taken) == ([LookupError], [PORTION, PORTION + 1])


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3 * PORTION)), max_size=8))
def test_a_turn_has_one_portion_whatever_it_is_of(work: list[tuple[int, int]]) -> None:
    async def run() -> None:
        taken: list[int] = []
        rota = Rota()
        kinds = [Portions(taken.extend, rota) for _ in range(3)]
        for kind, size in work:
            kinds[kind].add([kind] * size)
        while any(map(len, kinds)):
            before = len(taken)
            await asyncio.sleep(0)
            portion = taken[before:]
            assert 1 <= len(portion) <= PORTION
            assert len(set(portion)) == 1
        assert sorted(taken) == sorted(kind for kind, size in work for _ in range(size))

    asyncio.run(run())


async def test_kinds_take_turns_and_an_error_of_one_keeps_no_other_waiting() -> None:
    taken: list[str] = []

    def fail(_: Sequence[str]) -> None:
        taken.append("failed")
        raise LookupError

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    rota = Rota()
    failing, other = Portions(fail, rota), Portions(taken.extend, rota)
    failing.add(["first"] * 2 * PORTION)
    other.add(["other"] * (PORTION + 1))
    for _ in range(4):
        await asyncio.sleep(0)
    assert taken == ["failed", *["other"] * PORTION, "failed", "other"]
