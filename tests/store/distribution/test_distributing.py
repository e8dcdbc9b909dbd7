"""A database is distributed in place, once, and what stands in the way leaves it as it is."""

import psycopg
import pytest

from receiver.errors import ConfigurationError, Unavailable
from receiver.store.distribution import distributing
from receiver.store.distribution.distributing import distribute, look_ahead
from receiver.store.distribution.placement import DISTRIBUTED, placed
from receiver.store.events.ingest import Ingest
from tests.support.arrivals import arrival
from tests.support.cluster import distributed
from tests.support.store.database import column

# As an insert does, until its commit.
WRITING = "LOCK TABLE event_identity IN ROW EXCLUSIVE MODE"
STORED = "SELECT event_id FROM event JOIN event_identity USING (device_id, digest) ORDER BY 1"


@pytest.mark.undistributed("it has the extension")
def test_a_single_server_is_looked_at_and_left_as_it_is(conninfo: str) -> None:
    prospect = look_ahead(conninfo, 8)
    assert [step.table for step in prospect.steps] == [*DISTRIBUTED]
    assert {*prospect.rows} == {*DISTRIBUTED}
    said: list[str] = []
    with pytest.raises(ConfigurationError, match="the extension citus"):
        distribute(conninfo, prospect, said.append)
    assert said == []


@pytest.mark.undistributed("the nodes count")
async def test_rows_are_counted_as_the_planner_knows_them(conninfo: str) -> None:
    store = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    await store.commit([arrival(number) for number in range(30)])
    await store.close()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("ANALYZE event")
    assert look_ahead(conninfo, 8).rows["event"] == 30


@distributed
async def test_a_database_with_events_is_distributed_in_place_and_once(
    joined_conninfo: str,
) -> None:
    store = Ingest(joined_conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    await store.commit([arrival(number, phone_number=f"+999{number:06}") for number in range(30)])
    stored = column(joined_conninfo, STORED)
    said: list[str] = []
    distribute(joined_conninfo, look_ahead(joined_conninfo, 4), said.append)
    assert said[:-1] == [f"{table} is distributed." for table in DISTRIBUTED]
    assert said[-1].startswith("The reports have their form")
    assert column(joined_conninfo, STORED) == stored
    with psycopg.connect(joined_conninfo, autocommit=True) as connection:
        assert placed(connection) == {*DISTRIBUTED}
        prospect = look_ahead(joined_conninfo, 4)
        assert prospect.steps == []
        assert [*prospect.describe()] == ["All tables are distributed; the reports are adapted."]
        distribute(joined_conninfo, prospect, said.append)
        for command in prospect.compose_clean_up():
            connection.execute(command.encode())
    assert column(joined_conninfo, STORED) == stored
    await store.close()


@distributed
def test_a_table_in_use_is_waited_for_and_tried_again(
    joined_conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributing, "REST_SECONDS", 0.1)
    said: list[str] = []
    prospect = look_ahead(joined_conninfo, 4)
    with psycopg.connect(joined_conninfo) as other:
        other.execute(WRITING)

        def end(line: str) -> None:
            said.append(line)
            other.rollback()

        distribute(joined_conninfo, prospect, end)
    assert said[0] == distributing.BLOCKED
    assert len(said) == 2 + len(DISTRIBUTED)


@distributed
def test_a_table_that_stays_in_use_is_given_up(
    joined_conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributing, "LONGEST_SECONDS", 0.0)
    with psycopg.connect(joined_conninfo) as other:
        other.execute(WRITING)
        with pytest.raises(Unavailable, match="in use"):
            distribute(joined_conninfo, look_ahead(joined_conninfo, 4), lambda _line: None)
