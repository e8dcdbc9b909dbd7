"""Work on many rows leaves turns of the event loop to others, and work on few takes one."""

import asyncio

import pytest

from receiver.store.connections.spreading import ROWS_OF_A_TURN, portions, spread


@pytest.mark.parametrize("of_a_turn", [ROWS_OF_A_TURN, 3])
@pytest.mark.parametrize(
    ("spans", "more", "turns"), [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 1), (5, 0, 4)]
)
async def test_others_have_a_turn_between_so_many_rows(
    spans: int, more: int, turns: int, of_a_turn: int
) -> None:
    rows = spans * of_a_turn + more
    taken = 0

    async def take_turns() -> None:
        nonlocal taken
        while True:
            await asyncio.sleep(0)
            taken += 1

    other = asyncio.create_task(take_turns())
    await asyncio.sleep(0)
    assert [row async for row in spread(range(rows), of_a_turn)] == list(range(rows))
    assert taken == turns
    found = [row async for some in portions(range(rows), of_a_turn) for row in some]
    assert found == list(range(rows))
    assert taken == 2 * turns
    other.cancel()
