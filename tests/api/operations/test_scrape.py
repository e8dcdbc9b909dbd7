"""A scrape waits for no database, many at once ask it once, and its figures are the service's."""

import asyncio
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from receiver.api.operations.scrape import Scrape
from receiver.app import tasks
from receiver.app.application import create_app
from receiver.errors import DatabaseAway
from receiver.events.examples import NOTIFICATION
from receiver.metrics.metrics import Metrics
from receiver.settings.settings import Settings
from receiver.spool.folder import Contents
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    revoke_credential,
    token_digest,
)
from receiver.store.health.figures import Figures
from receiver.store.health.progress import Progress
from receiver.store.schema.partitions import MONTHS_AHEAD
from tests.support.callers import Callers
from tests.support.exposition import families, value
from tests.support.tables import away, change

REFUSED: dict[str, Any] = {**NOTIFICATION, "time": "never"}


class Database:
    """Answers once it is let; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False
        self.go = asyncio.Event()

    async def unready_reasons(self) -> Sequence[str]:
        return ()

    async def read_figures(self) -> Figures:
        self.asked += 1
        await self.go.wait()
        if self.is_away:
            raise DatabaseAway("the database cannot be asked")
        return Figures(quarantine_rows=7, partitions_ahead=3, progress=Progress(0.5, 1, 2, 0.25))


def scrape(database: Database, *, fresh_seconds: float, patience_seconds: float = 60) -> Scrape:
    return Scrape(
        Metrics(queue_limit_notifications=1),
        database,
        credentials=list,
        clock=lambda: datetime.now(UTC),
        fresh_seconds=fresh_seconds,
        patience_seconds=patience_seconds,
    )


async def test_scrapes_at_once_and_soon_after_share_one_look() -> None:
    database = Database()
    target = scrape(database, fresh_seconds=60)
    both = asyncio.gather(target.answer(), target.answer())
    while not database.asked:
        await asyncio.sleep(0)
    database.go.set()
    texts = [text.decode() for text in (*await both, await target.answer())]
    assert [value(text, "receiver_quarantine_rows") for text in texts] == [7, 7, 7]
    assert value(texts[0], "receiver_projection_lag_seconds") == 0.5
    assert value(texts[0], "receiver_projection_derivation") == 1
    assert value(texts[0], "receiver_projection_rebuilt_ratio") == 0.25
    assert database.asked == 1


async def test_a_scrape_joins_the_look_that_is_under_way() -> None:
    database = Database()
    target = scrape(database, fresh_seconds=0)
    first = asyncio.create_task(target.answer())
    while not database.asked:
        await asyncio.sleep(0)
    second = asyncio.create_task(target.answer())
    await asyncio.sleep(0)
    database.go.set()
    texts = [text.decode() for text in await asyncio.gather(first, second)]
    assert [value(text, "receiver_quarantine_rows") for text in texts] == [7, 7]
    assert database.asked == 1


async def test_a_scraper_that_hangs_up_cancels_the_look_for_nobody() -> None:
    database = Database()
    target = scrape(database, fresh_seconds=60)
    impatient, patient = (asyncio.create_task(target.answer()) for _ in range(2))
    while not database.asked:
        await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.wait({impatient})
    database.go.set()
    assert value((await patient).decode(), "receiver_quarantine_rows") == 7
    assert database.asked == 1


async def test_a_database_that_went_away_leaves_the_last_figures() -> None:
    database = Database()
    database.go.set()
    target = scrape(database, fresh_seconds=0)
    assert value((await target.answer()).decode(), "receiver_database_up") == 1
    database.is_away = True
    text = (await target.answer()).decode()
    assert value(text, "receiver_database_up") == 0
    assert value(text, "receiver_ready") == 0
    assert value(text, "receiver_quarantine_rows") == 7
    assert value(text, "receiver_partitions_ahead") == 3


async def test_a_database_that_does_not_answer_holds_no_scrape_up() -> None:
    database = Database()
    target = scrape(database, fresh_seconds=60, patience_seconds=0.01)
    for _ in range(2):
        text = (await target.answer()).decode()
        assert value(text, "receiver_database_up") == 0
        assert value(text, "receiver_quarantine_rows") is None
    assert database.asked == 1
    database.go.set()
    while value((await target.answer()).decode(), "receiver_database_up") == 0:
        await asyncio.sleep(0)


async def test_a_look_that_is_under_way_ends_at_close() -> None:
    database = Database()
    target = scrape(database, fresh_seconds=60, patience_seconds=0.01)
    await target.answer()
    await target.close()
    assert {task.get_name() for task in asyncio.all_tasks()}.isdisjoint({"reading for metrics"})


async def scraped(callers: Callers) -> str:
    answer = await callers.nobody.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


async def test_a_commit_shows_its_batch_and_its_time(callers: Callers) -> None:
    batch = [{**NOTIFICATION, "id": str(number)} for number in range(7)]
    answer = await callers.post(
        batch, headers={"content-type": "application/cloudevents-batch+json"}
    )
    assert answer.status_code == 204
    text = await scraped(callers)
    assert value(text, "receiver_batch_notifications_sum") == 7
    commits = value(text, "receiver_batch_notifications_count")
    assert commits == value(text, "receiver_commit_seconds_count")
    assert commits in range(1, 8)
    assert value(text, "receiver_queue_notifications") == 0
    assert value(text, "receiver_queue_limit_notifications") == 10_000


async def test_a_refused_notification_shows_in_the_quarantine(callers: Callers) -> None:
    await callers.post(REFUSED)
    text = await scraped(callers)
    labels = {"credential": "the-sink"}
    assert value(text, "receiver_quarantined_notifications_total", labels) == 1
    assert value(text, "receiver_quarantine_rows") == 1


async def test_a_service_that_is_well_says_so(callers: Callers) -> None:
    text = await scraped(callers)
    assert value(text, "receiver_ready") == 1
    assert value(text, "receiver_database_up") == 1
    assert value(text, "receiver_partitions_ahead") == MONTHS_AHEAD


@pytest.fixture
def nobody_makes_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a gap stays: the service begins by filling it, at a moment of its own."""

    async def make_none(_conninfo: str) -> None:
        pass

    monkeypatch.setattr(tasks, "make_partitions_ahead", make_none)


async def test_partitions_behind_a_gap_are_not_ahead(
    nobody_makes_partitions: None, callers: Callers, conninfo: str
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        names = connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'event'::regclass ORDER BY 1"
        ).fetchall()
    await change(conninfo, f"DROP TABLE {names[2][0]}")
    assert value(await scraped(callers), "receiver_partitions_ahead") == 1


async def test_every_credential_that_is_not_revoked_shows_the_time_it_has_left(
    callers: Callers, conninfo: str
) -> None:
    in_ten_days = datetime.now(UTC) + timedelta(days=10)
    create_credential(conninfo, "brief", Role.SINK, token_digest("brief"), in_ten_days)
    create_credential(conninfo, "gone", Role.SINK, token_digest("gone"), None)
    revoke_credential(conninfo, "gone")
    # Makes the service look at the credentials anew.
    await callers.nobody.post("/notifications", headers={"authorization": "Bearer unknown"})
    left = {
        (sample.labels["credential"], sample.labels["role"]): sample.value
        for sample in families(await scraped(callers))["receiver_credential_left_seconds"].samples
    }
    assert 9 < left.pop(("brief", "sink")) / 86_400 < 10
    assert left == {(f"the-{role}", str(role)): math.inf for role in Role}


async def test_the_last_arrival_of_a_credential_shows_also_in_a_process_that_begins_later(
    callers: Callers, settings: Settings
) -> None:
    labels = {"credential": "the-sink"}
    name = "receiver_last_received_timestamp_seconds"
    assert value(await scraped(callers), name, labels) is None
    await callers.post(NOTIFICATION)
    [event] = await callers.history(device={"phoneNumber": "+99999991000"})
    received_at = datetime.fromisoformat(event["receivedAt"]).timestamp()
    assert value(await scraped(callers), name, labels) == pytest.approx(received_at, abs=1e-5)
    later = create_app(settings)
    transport = httpx.ASGITransport(later)
    async with (
        later.router.lifespan_context(later),
        httpx.AsyncClient(transport=transport, base_url="http://later.invalid") as client,
    ):
        text = (await client.get("/metrics")).text
    assert value(text, name, labels) == pytest.approx(received_at, abs=1e-5)


async def test_a_spool_is_shown_and_keeps_the_service_ready_while_the_database_is_away() -> None:
    database = Database()
    database.is_away = True
    database.go.set()
    now = datetime.now(UTC)
    contents = Contents(4096, now - timedelta(seconds=90), 1, 0)
    target = Scrape(
        Metrics(queue_limit_notifications=1),
        database,
        credentials=list,
        clock=lambda: now,
        spool=lambda: contents,
    )
    text = (await target.answer()).decode()
    assert value(text, "receiver_spool_bytes") == 4096
    assert value(text, "receiver_spool_oldest_seconds") == 90
    assert (value(text, "receiver_database_up"), value(text, "receiver_ready")) == (0, 1)
    contents = Contents(0, None, 0, 0)
    text = (await target.answer()).decode()
    assert value(text, "receiver_spool_oldest_seconds") == 0


async def test_a_database_that_is_away_leaves_the_scrape_what_the_process_knows(
    callers: Callers, conninfo: str
) -> None:
    await callers.post(NOTIFICATION)
    async with away(conninfo, "quarantine"):
        text = await scraped(callers)
    assert value(text, "receiver_database_up") == 0
    assert value(text, "receiver_ready") == 0
    assert "receiver_quarantine_rows" not in families(text)
    labels = {"call": "notifications", "status": "204", "reason": "ok"}
    assert value(text, "receiver_answers_total", labels) == 1
    left = {"credential": "the-sink", "role": "sink"}
    assert value(text, "receiver_credential_left_seconds", left) == math.inf
