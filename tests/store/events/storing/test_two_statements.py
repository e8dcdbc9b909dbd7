"""The form of the hot insert on a distributed database; test_ingest.py holds what both forms do."""

from contextlib import nullcontext

import psycopg
import pytest

from receiver.errors import CommitUnknown
from receiver.store.distribution.placement import plan
from receiver.store.events.ingest import Ingest
from receiver.store.events.storing.two_statements import store_by_two
from tests.support.arrivals import arrival
from tests.support.cluster import distributed
from tests.support.store.database import column

EVENTS = "SELECT event_id FROM event ORDER BY event_id"


async def test_nothing_is_stored_of_a_batch_whose_second_statement_fails(conninfo: str) -> None:
    store = Ingest(
        conninfo, statement_timeout_seconds=10, prepare_threshold=None, form=store_by_two
    )
    with pytest.raises(Exception, match="SQLSTATE 22"):
        await store.commit([arrival(1), arrival(2, payload="{")])
    assert column(conninfo, "SELECT digest FROM event_identity") == []
    await store.close()


@distributed
async def test_a_service_that_stores_meanwhile_notices_that_events_become_distributed(
    joined_conninfo: str,
) -> None:
    store = Ingest(joined_conninfo, statement_timeout_seconds=10, prepare_threshold=1)
    await store.commit([arrival(1)])
    with psycopg.connect(joined_conninfo, autocommit=True) as connection:
        for number, step in enumerate(plan(4)):
            connection.execute(step.command.encode())
            batch = [arrival(number), arrival(100 + number)]
            with pytest.raises(CommitUnknown) if not number else nullcontext():
                await store.commit(batch)
            await store.commit(batch)
    await store.close()
    assert column(joined_conninfo, EVENTS) == [
        "event-0", "event-1", "event-100", "event-101", "event-102", "event-2"
    ]  # fmt: skip
