"""The room of a dropped month is freed beside inserts and reports."""

import asyncio

import psycopg
import pytest

from receiver.errors import Unavailable
from receiver.store.events.ingest import Ingest
from receiver.store.retention import freeing
from receiver.store.retention.retaining import Run, retain
from receiver.store.status.statuses import Statuses
from tests.support.ageing import EVENTS, ask, count, count_of, execute
from tests.support.apart import FORMS
from tests.support.apart import apart as apart
from tests.support.store.database import column

IDENTITIES = "SELECT count(*) FROM event_identity"
HOLD = "SELECT FROM event_identity ORDER BY digest LIMIT 1 FOR UPDATE"


@pytest.mark.parametrize("limit", [1, 2, 1000])
async def test_identities_go_in_small_steps(
    conninfo: str, old: str, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(freeing.free, "__defaults__", (limit,))
    assert await retain(conninfo, 1) == Run([old], has_more=False)
    assert column(conninfo, IDENTITIES) == ["0"]


@pytest.mark.undistributed("it locks identities of several servers")
async def test_the_identity_that_a_redelivery_holds_is_left(conninfo: str, old: str) -> None:
    with psycopg.connect(conninfo) as redelivery:
        redelivery.execute(HOLD)
        assert await retain(conninfo, 1) == Run([old], has_more=False)
    assert column(conninfo, IDENTITIES) == ["1"]


@FORMS
@pytest.mark.usefixtures("apart")
async def test_identities_that_came_again_after_they_went_are_not_removed(
    conninfo: str, old: str, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeing, "DROP", "DROP TABLE {}_that_is_not_there")
    with pytest.raises(Unavailable):
        await retain(conninfo, 1)
    monkeypatch.undo()
    await ingest.commit([event.arrival for event in EVENTS])
    assert await retain(conninfo, 1) == Run([old], has_more=False)
    assert column(conninfo, IDENTITIES) == [str(len(EVENTS))]


@FORMS
@pytest.mark.usefixtures("apart")
async def test_a_table_of_another_name_stays(conninfo: str, old: str) -> None:
    execute(conninfo, "CREATE TABLE event_2020_copy (one integer)")
    assert await retain(conninfo, 1) == Run([old], has_more=False)
    assert column(conninfo, "SELECT to_regclass('event_2020_copy')") == ["event_2020_copy"]


@pytest.mark.undistributed("a month is seen until it is detached")
async def test_a_report_is_waited_for_a_short_while_and_its_month_dropped_when_it_ends(
    conninfo: str, old: str, statuses: Statuses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeing, "WAIT_SECONDS", 0.2)
    before = await ask(statuses)
    with psycopg.connect(conninfo) as report:
        report.execute(count_of(old))
        report.execute("SELECT count(*) FROM event")
        for _ in range(2):
            with pytest.raises(Unavailable, match="a report reads a month"):
                await retain(conninfo, 1)
            assert await ask(statuses) == before
        # What is not kept any more is in no answer that begins now.
        assert column(conninfo, "SELECT count(*) FROM event") == ["0"]
        assert count(conninfo, old) == len(EVENTS)
    assert await retain(conninfo, 1) == Run([old], has_more=False)


@pytest.mark.undistributed("a month is not detached concurrently")
async def test_events_are_stored_while_a_month_waits_for_two_reports(
    conninfo: str, old: str, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeing, "WAIT_SECONDS", 60)
    waiting = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%DETACH%'
    """
    later = [event._replace(number=9) for event in EVENTS]
    with psycopg.connect(conninfo) as oldest, psycopg.connect(conninfo) as newest:
        oldest.execute(count_of(old))
        oldest.execute("SELECT count(*) FROM event WHERE stored_at < now() - interval '1 month'")
        newest.execute("SELECT count(*) FROM event WHERE stored_at > now() - interval '1 day'")
        dropping = asyncio.create_task(retain(conninfo, 1))
        while column(conninfo, waiting) != ["1"]:
            assert not dropping.done()
            await asyncio.sleep(0.01)
        for event in later:
            await ingest.commit([event.arrival])
        assert not dropping.done()
    assert await dropping == Run([old], has_more=False)
    assert column(conninfo, "SELECT count(*) FROM event") == ["3"]
