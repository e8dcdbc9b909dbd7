"""Long work on rows, spread over turns of the event loop, between which notifications arrive."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

# Rows on which the work of one turn takes about 1 ms.
ROWS_OF_A_TURN = 64


async def spread(rows: Sequence[Item]) -> AsyncIterator[Item]:
    """Yields rows one by one, and lets others go on now and then; never behind the last one."""
    for number, row in enumerate(rows):
        if number and not number % ROWS_OF_A_TURN:
            await asyncio.sleep(0)
        yield row
