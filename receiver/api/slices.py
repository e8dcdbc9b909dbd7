"""Slices: long work of many questions, of which one slice runs in a turn of the event loop.

Notifications arrive between the turns. Eight pages that are written at once would keep each of
them waiting for eight slices, at every turn that it takes.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

# How long a slice keeps the event loop. A page of 50 events takes about two; each one keeps its
# caller waiting for one more turn.
SLICE_SECONDS = 0.001


class Slices:
    """Lets whoever works long go on, one in each turn of the loop and in the order of asking.

    Args:
        timer: seconds that never go back.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_given = False

    async def begin(self) -> float:
        """Waits for a turn that nobody has yet, and returns when the slice ends."""
        if not self._is_given:
            self._give()
        else:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        return self._timer() + SLICE_SECONDS

    async def go_on(self, ends_at: float) -> float:
        """Returns when the slice ends; if it is over, waits for the next one."""
        return ends_at if self._timer() < ends_at else await self.begin()

    def _give(self) -> None:
        self._is_given = True
        asyncio.get_running_loop().call_soon(self._end_turn)

    def _end_turn(self) -> None:
        self._is_given = False
        while self._waiting:
            turn = self._waiting.popleft()
            # One that is cancelled needs no turn.
            if not turn.done():
                turn.set_result(None)
                self._give()
                return
