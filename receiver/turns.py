"""Turns by name: little work of one name runs at a time, and further work waits for its turn."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class _Lane:
    """The turns of one name, and how many callers run or wait."""

    free: asyncio.Semaphore
    callers: int = 0


class Turns:
    """Gives each name a number of turns at a time, in the order in which they are asked for.

    A name is remembered for as long as one of its callers runs or waits.

    Args:
        at_once: turns of each name at a time, at least 1.
        patience_seconds: how long a caller waits for its turn.
        refusal: makes the error of a caller whose turn does not come in time.
        begin: awaited by each caller whose turn has come; None: nothing is.
    """

    def __init__(
        self,
        at_once: int,
        *,
        patience_seconds: float,
        refusal: Callable[[], Exception],
        begin: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._at_once = at_once
        self._patience_seconds = patience_seconds
        self._refusal = refusal
        self._begin = begin
        self._lanes: dict[str, _Lane] = {}

    def __len__(self) -> int:
        """Returns how many names are remembered."""
        return len(self._lanes)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[bool]:
        """Holds a turn for the length of the block.

        Yields:
            Whether the caller waited for it, and may be gone by now.

        Raises:
            Exception: the refusal: no turn was free in time.
        """
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = _Lane(asyncio.Semaphore(self._at_once))
        lane.callers += 1
        try:
            must_wait = lane.free.locked()
            await self._wait(lane)
            try:
                if self._begin is not None:
                    await self._begin()
                yield must_wait
            finally:
                lane.free.release()
        finally:
            lane.callers -= 1
            if not lane.callers:
                del self._lanes[name]

    async def _wait(self, lane: _Lane) -> None:
        try:
            async with asyncio.timeout(self._patience_seconds):
                await lane.free.acquire()
        except TimeoutError:
            raise self._refusal() from None
