"""What the database does not store in time is left to the overflow, and stays one batch."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from receiver.errors import CommitRefused, CommitUnknown, ContentRejected, ReceiverError
from receiver.events.event import Arrival
from receiver.intake.outage import Outage
from receiver.intake.queue import QueueItem
from receiver.intake.tries import Tries
from receiver.intake.two_ways import TwoWays
from tests.support.arrivals import arrival

AWAY = CommitRefused("the database cannot be reached", "unreachable")


class Both:
    """Two ways over a commit of the test's; the overflow keeps what the commit raises for."""

    def __init__(self, commit: Callable[[], Awaitable[None]], after_seconds: float = 0.2) -> None:
        self.tried = 0
        self.kept: list[str] = []
        self.error: Exception | None = None
        self._commit_once = commit
        tries = Tries(
            self._commit, patience_seconds=30, outage=Outage(), count_failure=lambda _: None
        )
        self._ways = TwoWays(tries, self._overflow, after_seconds=after_seconds)

    async def _commit(self, _batch: Sequence[Arrival]) -> None:
        self.tried += 1
        await self._commit_once()

    async def _overflow(
        self, batch: Sequence[Arrival], commit: Callable[[], Awaitable[None]]
    ) -> None:
        try:
            await commit()
        except ContentRejected:
            raise
        except ReceiverError as error:
            self.error = error
            self.kept += [each.arrival_id for each in batch]

    async def run(self) -> list[str]:
        loop = asyncio.get_running_loop()
        batch = [QueueItem(arrival(n), loop.create_future(), loop.time(), 1) for n in range(3)]
        await self._ways.commit(batch)
        return [item.arrival.arrival_id for item in batch]


async def test_what_the_database_stores_goes_no_other_way() -> None:
    async def store() -> None:
        pass

    both = Both(store)
    await both.run()
    assert (both.tried, both.kept) == (1, [])


async def test_what_is_not_stored_in_time_is_kept_and_not_tried_any_more() -> None:
    async def refuse() -> None:
        raise AWAY

    both = Both(refuse)
    assert await both.run() == both.kept
    assert both.tried > 1
    tried = both.tried
    await asyncio.sleep(0.3)
    assert both.tried == tried


async def test_a_commit_that_hangs_is_left_alone_and_not_cancelled() -> None:
    ended: list[bool] = []
    released = asyncio.Event()

    async def hang() -> None:
        await released.wait()
        ended.append(True)

    both = Both(hang, after_seconds=0.05)
    assert await both.run() == both.kept
    assert isinstance(both.error, CommitUnknown)
    released.set()
    await asyncio.sleep(0.01)
    assert ended == [True]


async def test_content_that_cannot_be_stored_is_no_matter_of_the_way() -> None:
    async def reject() -> None:
        raise ContentRejected("SQLSTATE 22P05")

    both = Both(reject)
    with pytest.raises(ContentRejected):
        await both.run()
    assert both.kept == []
