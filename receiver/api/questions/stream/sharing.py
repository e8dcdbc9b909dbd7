"""Pages that several callers read: those who are cut off together come back together.

After a restart all callers read the same half minute. Each page is read and written once for all
who listen to the same, wherever they began: pages end at marks that all of them share. A settled
page stays as it is, but is kept for a short while only: what is erased meanwhile must not be told
for longer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple, Protocol

from receiver.api.questions.stream.blocks import write_events, write_place
from receiver.api.questions.stream.listener import Chunk
from receiver.store.events.selection import Position, Selection
from receiver.store.following.catching_up import CaughtUp

# Pages that are read at a time, whoever catches up: connections of questions are left to others.
PAGES_AT_ONCE = 2

KEPT_SECONDS = 30.0
KEPT_BYTES = 67_108_864


class CatchUp(Protocol):
    """Reads pages; see `receiver.store.following.catching_up.CatchUp`."""

    def begin(self, stored_at: datetime) -> Position:
        """Returns where to begin behind an event that was told."""

    async def read_kept_from(self) -> datetime | None:
        """Returns the time before which events are dropped; None: none was dropped."""

    async def read(self, selection: Selection, after: Position, *, is_settled: bool) -> CaughtUp:
        """Reads the next page."""


class Page(NamedTuple):
    """A page as it is sent.

    Attributes:
        end: where the next page begins.
        is_last: there was nothing behind it.
    """

    chunk: Chunk
    end: Position
    is_last: bool


class SharedPages:
    """Reads and writes pages, each once for all who ask for it within a short while."""

    def __init__(self, catch_up: CatchUp) -> None:
        self.catch_up = catch_up
        self._turns = asyncio.Semaphore(PAGES_AT_ONCE)
        self._reading: dict[tuple[str, Position], asyncio.Task[Page]] = {}
        self._kept: OrderedDict[tuple[str, Position], tuple[Page, float]] = OrderedDict()
        self._bytes = 0

    async def read_settled(self, selection: Selection, after: Position) -> Page:
        """Returns the next page before what an open transaction may yet add.

        Raises:
            DatabaseAway: the database cannot be asked.
        """
        key = (repr(selection), after)
        self._forget_old()
        kept = self._kept.get(key)
        if kept is not None:
            return kept[0]
        reading = self._reading.get(key)
        if reading is None:
            reading = asyncio.create_task(self._read_in_turn(selection, after), name="stream page")
            self._reading[key] = reading
            reading.add_done_callback(lambda done: self._keep(key, done))
        # Whoever hangs up does not take the page from the others.
        return await asyncio.shield(reading)

    async def read_last(
        self, selection: Selection, after: Position, join: Callable[[], Awaitable[None]]
    ) -> Page:
        """Returns the next page, whatever an open transaction may yet add; for one caller.

        Args:
            join: called just before the page is read, for what happens from then on.

        Raises:
            DatabaseAway: the database cannot be asked.
        """
        async with self._turns:
            await join()
            return await self._read(selection, after, is_settled=False)

    async def close(self) -> None:
        """Ends what is being read."""
        reading = list(self._reading.values())
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        self._kept.clear()

    async def _read_in_turn(self, selection: Selection, after: Position) -> Page:
        async with self._turns:
            return await self._read(selection, after, is_settled=True)

    async def _read(self, selection: Selection, after: Position, *, is_settled: bool) -> Page:
        found = await self.catch_up.read(selection, after, is_settled=is_settled)
        blocks = await write_events(found.events)
        if is_settled:
            blocks = [*blocks, write_place(found.end.stored_at)]
        return Page(Chunk(b"".join(blocks), len(found.events)), found.end, found.is_last)

    def _keep(self, key: tuple[str, Position], done: asyncio.Task[Page]) -> None:
        del self._reading[key]
        if done.cancelled() or done.exception() is not None:
            return
        page = done.result()
        # The last one grows.
        if page.is_last:
            return
        self._kept[key] = (page, asyncio.get_running_loop().time())
        self._bytes += len(page.chunk.blocks)
        while self._bytes > KEPT_BYTES:
            self._forget_oldest()

    def _forget_old(self) -> None:
        oldest = asyncio.get_running_loop().time() - KEPT_SECONDS
        while self._kept and next(iter(self._kept.values()))[1] <= oldest:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        _, (page, _) = self._kept.popitem(last=False)
        self._bytes -= len(page.chunk.blocks)
