"""When the fleet is counted: rarely enough, however many ask.

| failure | what comes of it |
|---|---|
| events are behind the projector | they are not counted yet, and `as_of` lies before them |
| a count takes long | its answer is told for longer, so that counting has a tenth of the time |
| a count fails | all who wait for it get its error; the next question counts anew |
"""

import time
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.single_flight import SharedRefresh
from receiver.store.fleet.counts import FleetCounts, read_counts

# How long counts are told again to all who ask.
FRESH_SECONDS = 5.0

# Counts are told for so many times as long as they took: counting has a tenth of the time.
REST = 10

# One count, after which its callers are told that it takes too long.
LIMIT_SECONDS = 60.0


class FleetCounting:
    """Counts the fleet: once for all who ask within a few seconds.

    Args:
        timer: seconds that never go back.
    """

    def __init__(self, engine: AsyncEngine, timer: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._timer = timer
        self._latest: FleetCounts | None = None
        self._told_until = 0.0
        self._refresh = SharedRefresh(
            self._count, interval_seconds=0, limit_seconds=LIMIT_SECONDS, name="fleet-counts"
        )

    async def count(self) -> FleetCounts:
        """Returns counts that are a few seconds old at most.

        Raises:
            Unavailable: the database is away or too slow, or not all devices are derived for the
                first time.
        """
        if self._latest is None or self._timer() >= self._told_until:
            await self._refresh.join()
        assert self._latest is not None  # noqa: S101 - a refresh sets it or raises
        return self._latest

    async def close(self) -> None:
        """Ends a count that is under way."""
        await self._refresh.close()

    async def _count(self) -> None:
        begin = self._timer()
        self._latest = await read_counts(self._engine)
        end = self._timer()
        self._told_until = end + max(FRESH_SECONDS, REST * (end - begin))
