"""How deep the events of a page are counted hangs on the time that it has."""

from collections.abc import Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import reading
from receiver.store.events.ingest import Ingest
from receiver.store.subscriptions import counting as module
from receiver.store.subscriptions.counting import LIST_SECONDS, PAGE_SECONDS, Counting
from receiver.store.subscriptions.tallies import LISTED_EVENTS
from tests.support.facts import DEVICES, NOON, STATUSES, Told

ONE = Told(DEVICES[0], "s-1", "roaming-on", STATUSES["roaming-on"][0], 0, 0, 0)
EVENTS = 5 * LISTED_EVENTS
FEW, MANY, MORE = KEYS = [("operator", "s-1"), ("operator", "s-2"), ("operator", "s-3")]


class Clock:
    """Stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def stored(ingest: Ingest) -> None:
    """Three subscriptions: one of a few events, and two of more than a list always counts."""
    numbers = {FEW: 1, MANY: EVENTS, MORE: EVENTS}
    await ingest.commit(
        [
            ONE._replace(subscription_id=subscription_id, minute=minute).arrival
            for (_, subscription_id), events in numbers.items()
            for minute in range(events)
        ]
    )


def totals(counting: Counting) -> list[int]:
    return [counting.find(key).tally.total for key in KEYS]


@pytest.mark.usefixtures("stored")
async def test_a_list_counts_the_latest_few_events_and_more_while_it_has_time(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROUND_EVENTS", 8 * LISTED_EVENTS - 1)
    clock = Clock()
    async with reading(engine) as connection:
        counting = Counting(connection, NOON, clock)
        await counting.count_latest(KEYS)
        clock.now = 2 * LIST_SECONDS
        await counting.count_more(KEYS)
        assert totals(counting) == [1, LISTED_EVENTS, LISTED_EVENTS]
        assert [counting.find(key).tally.is_whole for key in KEYS] == [True, False, False]
        clock.now = 0.0
        await counting.count_more(KEYS)
        assert totals(counting) == [1, EVENTS, EVENTS]


@pytest.mark.usefixtures("stored")
async def test_no_further_round_begins_that_would_take_longer_than_there_is(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROUND_EVENTS", 0)
    ticks: Iterator[float] = iter([0.0, 0.0, LIST_SECONDS / 2, LIST_SECONDS / 2])
    async with reading(engine) as connection:
        counting = Counting(connection, NOON, lambda: next(ticks))
        await counting.count_latest(KEYS)
        await counting.count_more(KEYS)
    assert totals(counting) == [1, LISTED_EVENTS, LISTED_EVENTS]


@pytest.mark.usefixtures("stored")
async def test_a_round_of_few_events_takes_place_however_little_time_there_is(
    engine: AsyncEngine,
) -> None:
    clock = Clock()
    async with reading(engine) as connection:
        counting = Counting(connection, NOON, clock)
        await counting.count_latest(KEYS)
        clock.now = 2 * PAGE_SECONDS
        await counting.count_more(KEYS)
    assert totals(counting) == [1, EVENTS, EVENTS]


@pytest.mark.usefixtures("stored")
async def test_what_is_named_is_counted_until_the_page_is_over_and_one_in_any_case(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOGETHER_EVENTS", 0)
    clock = Clock()
    async with reading(engine) as connection:
        counting = Counting(connection, NOON, clock)
        clock.now = PAGE_SECONDS
        assert counting.is_over
        assert await counting.count_each(KEYS) == 1
        assert totals(counting) == [1, LISTED_EVENTS, LISTED_EVENTS]
        assert await counting.count_each([MANY, MORE]) == 1
        assert totals(counting) == [1, EVENTS, LISTED_EVENTS]
        clock.now = 0.0
        assert not counting.is_over
        assert await counting.count_each(KEYS) == 3
        assert totals(counting) == [1, EVENTS, EVENTS]
        assert await counting.count_each([]) == 0
