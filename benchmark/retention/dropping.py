"""Months are dropped as the service does it, in a process of their own."""

import asyncio
import time
from dataclasses import dataclass

from receiver.errors import DatabaseAway, Unavailable
from receiver.store.retention.retaining import retain

# Between two runs. The service rests a second, and five minutes when a report was in the way.
REST_SECONDS = 1.0
# After the last report has ended; a month of a million events takes half of it.
DEADLINE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Dropped:
    """Months that were dropped.

    Attributes:
        names: of their tables.
        refusals: runs that a report was in the way of.
        seconds: from the first run to the end of the last one.
    """

    names: tuple[str, ...]
    refusals: int
    seconds: float


def drop(url: str, months: int) -> Dropped:
    """Drops the months before the last few, and tries again while a report is in the way.

    Raises:
        TimeoutError: a report stays.
    """
    return asyncio.run(asyncio.wait_for(_drop(url, months), DEADLINE_SECONDS))


async def _drop(url: str, months: int) -> Dropped:
    begin = time.monotonic()
    names: list[str] = []
    refusals, has_more = 0, True
    while has_more:
        try:
            gone, has_more = await retain(url, months)
            names += gone
        except DatabaseAway:
            raise
        except Unavailable:
            refusals += 1
        if has_more:
            await asyncio.sleep(REST_SECONDS)
    return Dropped(tuple(names), refusals, time.monotonic() - begin)
