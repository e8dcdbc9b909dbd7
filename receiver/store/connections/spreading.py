"""Long work on rows, spread over turns of the event loop, between which notifications arrive."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

# Of rows that become a part of the answer.
ROWS_OF_A_TURN = 64


async def spread(rows: Sequence[Item], of_a_turn: int = ROWS_OF_A_TURN) -> AsyncIterator[Item]:
    """Yields rows one by one, and lets others go on now and then; never behind the last one.

    Args:
        of_a_turn: rows on which the work of one turn takes about 1 ms.
    """
    for number, row in enumerate(rows):
        if number and not number % of_a_turn:
            await asyncio.sleep(0)
        yield row


async def portions(rows: Sequence[Item], of_a_turn: int) -> AsyncIterator[Sequence[Item]]:
    """Yields the rows of one turn after the other, likewise, with fewer steps for each row."""
    for begin in range(0, len(rows), of_a_turn):
        if begin:
            await asyncio.sleep(0)
        yield rows[begin : begin + of_a_turn]
