"""What is stored is gone through in steps, each row once."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection

from receiver.store.connections.engine import migration_engine
from receiver.store.events.ingest import Ingest
from receiver.store.schema.filling import fill_by_blocks, fill_by_events
from tests.support.arrivals import arrival
from tests.support.store.database import column

TAKE_EVENTS = """
INSERT INTO taken SELECT event_id FROM event
WHERE stored_at >= %(low)s AND stored_at < %(high)s
"""
TAKE_ROWS = """
INSERT INTO taken SELECT event_id FROM event JOIN event_identity AS identity
    USING (device_id, digest)
WHERE identity.ctid >= %(low)s::tid AND identity.ctid < %(high)s::tid
"""
# As a service that stores faster than the steps go.
STORE_MORE = """
WITH more AS (
    INSERT INTO event SELECT (jsonb_populate_record(event, jsonb_build_object(
        'stored_at', clock_timestamp(), 'seq', nextval('event_seq')
    ))).* FROM event LIMIT 1
)
"""
STEPS = "CREATE TABLE taken (event_id text, step xid8 DEFAULT pg_current_xact_id())"
TAKEN = "SELECT event_id FROM taken ORDER BY length(event_id), event_id"
STEPS_TAKEN = "SELECT count(DISTINCT step) FROM taken"

# Commits of so many events, each of one time.
COMMITS = [[1] * 10, [4, 4, 2], [10], []]


@pytest.fixture
def filling(conninfo: str) -> Connection:
    return migration_engine(conninfo).connect().execution_options(isolation_level="AUTOCOMMIT")


@pytest.mark.parametrize("commits", COMMITS, ids=str)
@pytest.mark.parametrize("limit", [1, 3])
async def test_each_event_is_in_one_step(
    filling: Connection, conninfo: str, ingest: Ingest, commits: Sequence[int], limit: int
) -> None:
    sent = [f"event-{number}" for number in range(sum(commits))]
    for place, size in enumerate(commits):
        first = sum(commits[:place])
        await ingest.commit([arrival(number) for number in range(first, first + size)])
    with filling:
        filling.exec_driver_sql(STEPS)
        fill_by_events(filling, TAKE_EVENTS, limit)
    assert column(conninfo, TAKEN) == sent
    [steps] = column(conninfo, STEPS_TAKEN)
    assert int(steps) >= min(len(commits), len(sent) // max(limit, max(commits, default=1)))


async def test_what_is_stored_meanwhile_makes_no_further_steps(
    filling: Connection, conninfo: str, ingest: Ingest
) -> None:
    await ingest.commit([arrival(0)])
    await ingest.commit([arrival(1)])
    with filling:
        filling.exec_driver_sql(STEPS)
        fill_by_events(filling, STORE_MORE + TAKE_EVENTS, 1)
    assert column(conninfo, TAKEN) == ["event-0", "event-1"]
    assert column(conninfo, "SELECT count(*) FROM event") == ["4"]


async def test_each_row_is_in_one_step(filling: Connection, conninfo: str, ingest: Ingest) -> None:
    await ingest.commit([arrival(number) for number in range(400)])
    with filling:
        filling.exec_driver_sql(STEPS)
        fill_by_blocks(filling, "event_identity", TAKE_ROWS, 1)
    assert len(column(conninfo, TAKEN)) == 400
    assert int(column(conninfo, STEPS_TAKEN)[0]) > 1
