"""Indexes of events are built beside the work, and each step is done once."""

import psycopg
import pytest
from sqlalchemy import Connection

from receiver.store.connections.engine import migration_engine
from receiver.store.events.ingest import Ingest
from receiver.store.schema.building import (
    build_concurrently,
    build_index,
    build_keys,
    change_key,
    list_partitions,
)
from tests.support.arrivals import arrival
from tests.support.store.database import column

KEY = "(device_id, stored_at, seq)"
KEYS = """
SELECT indrelid::regclass || ': ' || pg_get_constraintdef(pg_constraint.oid)
FROM pg_constraint JOIN pg_index ON indexrelid = conindid
WHERE contype = 'p' AND (
    conrelid = 'event'::regclass
    OR conrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'event'::regclass)
)
"""
MADE = "SELECT oid::text FROM pg_class WHERE relname LIKE 'event_%_key' ORDER BY relname"


@pytest.fixture
def migrating(conninfo: str) -> Connection:
    return migration_engine(conninfo).connect().execution_options(isolation_level="AUTOCOMMIT")


async def test_a_key_is_changed_with_what_is_stored_and_for_partitions_that_came_meanwhile(
    migrating: Connection, ingest: Ingest, conninfo: str
) -> None:
    await ingest.commit([arrival(number) for number in range(3)])
    with migrating:
        build_keys(migrating, "device_key", KEY)
        migrating.exec_driver_sql(
            "CREATE TABLE event_2199_01 PARTITION OF event"
            " FOR VALUES FROM ('2199-01-01') TO ('2199-02-01')"
        )
        with migrating.connection.driver_connection.transaction():  # type: ignore[union-attr]
            change_key(migrating, "device_key", KEY)
        partitions = list_partitions(migrating)
    assert "event_2199_01" in partitions
    assert sorted(column(conninfo, KEYS)) == sorted(
        f"{table}: PRIMARY KEY {KEY}" for table in ("event", *partitions)
    )
    assert column(conninfo, "SELECT count(*) FROM event") == ["3"]
    await ingest.commit([arrival(number) for number in range(4)])
    assert column(conninfo, "SELECT count(*) FROM event") == ["4"]


async def test_what_is_built_stays_and_what_was_cut_off_is_built_anew(
    migrating: Connection, conninfo: str
) -> None:
    with migrating:
        build_keys(migrating, "device_key", KEY)
        first, *others = column(conninfo, MADE)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::oid", [first]
            )
        build_keys(migrating, "device_key", KEY)
    again, *unchanged = column(conninfo, MADE)
    assert unchanged == others
    assert again != first


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_an_index_is_one_of_all_events(
    migrating: Connection, conninfo: str, is_cut_off: bool
) -> None:
    with migrating:
        if is_cut_off:
            migrating.exec_driver_sql("CREATE INDEX event_type ON ONLY event (type)")
        build_index(migrating, "event_type", "type", "(type)")
        build_concurrently(migrating, "credential_role", "credential", "(role)")
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid::regclass::text IN (%s)"
    names = "'event_type', 'credential_role'"
    assert column(conninfo, valid % names) == ["True", "True"]
