"""A scrape waits for no database, and many at once ask it once."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from receiver.api.operations.scrape import Scrape
from receiver.errors import DatabaseAway
from receiver.metrics.metrics import Metrics
from receiver.store.health.figures import Figures
from tests.support.exposition import value


class Database:
    """Answers once it is let; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False
        self.go = asyncio.Event()

    async def read(self) -> Figures:
        self.asked += 1
        await self.go.wait()
        if self.is_away:
            raise DatabaseAway("the database cannot be asked")
        return Figures(quarantine_rows=7, partitions_ahead=3)


async def no_reasons() -> Sequence[str]:
    return ()


def scrape(database: Database, *, fresh_seconds: float, patience_seconds: float = 60) -> Scrape:
    return Scrape(
        Metrics(queue_limit_notifications=1),
        read=database.read,
        unready_reasons=no_reasons,
        credentials=list,
        clock=lambda: datetime.now(UTC),
        fresh_seconds=fresh_seconds,
        patience_seconds=patience_seconds,
    )


async def test_scrapes_at_once_and_soon_after_share_one_look() -> None:
    database = Database()
    target = scrape(database, fresh_seconds=60)
    both = asyncio.gather(target.text(), target.text())
    while not database.asked:
        await asyncio.sleep(0)
    database.go.set()
    texts = [text.decode() for text in (*await both, await target.text())]
    assert [value(text, "receiver_quarantine_rows") for text in texts] == [7, 7, 7]
    assert database.asked == 1


async def test_a_database_that_went_away_leaves_the_last_figures() -> None:
    database = Database()
    database.go.set()
    target = scrape(database, fresh_seconds=0)
    assert value((await target.text()).decode(), "receiver_database_up") == 1
    database.is_away = True
    text = (await target.text()).decode()
    assert value(text, "receiver_database_up") == 0
    assert value(text, "receiver_ready") == 0
    assert value(text, "receiver_quarantine_rows") == 7
    assert value(text, "receiver_partitions_ahead") == 3


async def test_a_database_that_does_not_answer_holds_no_scrape_up() -> None:
    database = Database()
    target = scrape(database, fresh_seconds=60, patience_seconds=0.01)
    for _ in range(2):
        text = (await target.text()).decode()
        assert value(text, "receiver_database_up") == 0
        assert value(text, "receiver_quarantine_rows") is None
    assert database.asked == 1
    database.go.set()
    while value((await target.text()).decode(), "receiver_database_up") == 0:
        await asyncio.sleep(0)


async def test_a_look_that_is_under_way_ends_at_close() -> None:
    database = Database()
    target = scrape(database, fresh_seconds=60, patience_seconds=0.01)
    await target.text()
    await target.close()
    assert {task.get_name() for task in asyncio.all_tasks()}.isdisjoint({"reading for metrics"})
