"""Late batches answer their items, each in time, and are bounded."""

import asyncio

import pytest

from receiver.intake.late import LATE_LIMIT, LateBatches
from receiver.intake.queue import QueueItem
from tests.support.arrivals import arrival

PATIENCE_SECONDS = 0.05


def left_seconds(item: QueueItem) -> float:
    return item.since + PATIENCE_SECONDS - asyncio.get_running_loop().time()


@pytest.fixture
def given_up() -> list[QueueItem]:
    return []


@pytest.fixture
def late(given_up: list[QueueItem]) -> LateBatches:
    return LateBatches(left_seconds, given_up.extend, lambda: None)


def batch_of(number: int) -> list[QueueItem]:
    loop = asyncio.get_running_loop()
    return [QueueItem(arrival(n), loop.create_future(), loop.time(), 1) for n in range(number)]


async def test_items_are_given_up_once_while_their_commit_goes_on(
    late: LateBatches, given_up: list[QueueItem]
) -> None:
    go = asyncio.Event()
    storing = asyncio.create_task(go.wait())
    batch = batch_of(3)
    late.add(batch, storing)
    await late.close(0.01)
    assert given_up == batch
    assert not storing.done()
    go.set()
    await late.close(30)
    assert storing.done()


async def test_nobody_is_given_up_whose_batch_ends_in_time(
    late: LateBatches, given_up: list[QueueItem]
) -> None:
    storing = asyncio.create_task(asyncio.sleep(0, True))
    late.add(batch_of(3), storing)
    await late.close(30)
    assert given_up == []


async def test_they_are_full_until_one_ends(late: LateBatches) -> None:
    go = asyncio.Event()
    for _ in range(LATE_LIMIT):
        assert not late.are_full
        late.add(batch_of(1), asyncio.create_task(go.wait()))
    await late.wait(0)
    assert late.are_full
    go.set()
    await late.wait(30)
    assert not late.are_full
