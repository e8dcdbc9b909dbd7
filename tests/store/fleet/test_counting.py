"""The fleet is counted once for all who ask within a few seconds."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway
from receiver.store.fleet import counting
from receiver.store.fleet.counting import FleetCounting
from receiver.store.fleet.counts import FleetCounts

NOON = datetime(2026, 4, 17, 12, tzinfo=UTC)
NOBODY = FleetCounts(NOON, 0, {}, {True: 0, False: 0}, (), {}, 0, 0)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Counter:
    """Counts how often it is counted."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.number = 0
        self.takes_seconds = 0.0
        self.error: Exception | None = None

    async def __call__(self, _engine: object) -> FleetCounts:
        await asyncio.sleep(0)
        self.number += 1
        self.clock.seconds += self.takes_seconds
        if self.error is not None:
            raise self.error
        return replace(NOBODY, devices=self.number)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counter(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Counter:
    counter = Counter(clock)
    monkeypatch.setattr(counting, "read_counts", counter)
    return counter


async def test_all_who_ask_within_a_few_seconds_get_the_same_counts(
    engine: AsyncEngine, clock: Clock, counter: Counter
) -> None:
    counts = FleetCounting(engine, clock)
    together = await asyncio.gather(*(counts.count() for _ in range(10)))
    clock.seconds += counting.FRESH_SECONDS - 1
    later = await counts.count()
    assert {found.devices for found in (*together, later)} == {1}
    clock.seconds += 1
    assert (await counts.count()).devices == 2
    await counts.close()


async def test_a_count_that_takes_long_is_told_for_longer(
    engine: AsyncEngine, clock: Clock, counter: Counter
) -> None:
    counts = FleetCounting(engine, clock)
    counter.takes_seconds = 2.0
    await counts.count()
    clock.seconds += 2 * counting.REST - 1
    assert (await counts.count()).devices == 1
    clock.seconds += 1
    assert (await counts.count()).devices == 2
    await counts.close()


async def test_the_next_question_counts_anew_after_an_error(
    engine: AsyncEngine, clock: Clock, counter: Counter
) -> None:
    counts = FleetCounting(engine, clock)
    counter.error = DatabaseAway("the database cannot be asked")
    with pytest.raises(DatabaseAway):
        await counts.count()
    counter.error = None
    assert (await counts.count()).devices == 2
    await counts.close()
