"""What is told of devices is distributed by device, together, and nothing prevents it."""

from importlib import import_module

import psycopg

from receiver.store.distribution.placement import (
    COLOCATED,
    DISTRIBUTED,
    FIRST,
    KEY,
    placed,
    plan,
)
from receiver.store.schema.metadata import metadata
from tests.store.schema.test_metadata import rooms_with_tables
from tests.support.cluster import distributed
from tests.support.store.database import column

COLOCATIONS = "SELECT DISTINCT colocationid FROM pg_dist_partition"

# What the projector derives has the device in its key as well.
DERIVED = {"device_status", "subscription", "device_identifier"}


def test_what_is_keyed_by_device_is_distributed_but_for_what_is_derived() -> None:
    for room in rooms_with_tables():
        import_module(f"receiver.store.{room}.tables")
    tables = metadata.tables
    keyed = {name for name, table in tables.items() if KEY in table.primary_key.columns}
    assert keyed == {*DISTRIBUTED} | DERIVED
    for name in DISTRIBUTED:
        assert not tables[name].foreign_keys
        assert not [index for index in tables[name].indexes if index.unique]


def test_each_table_has_one_command_and_the_first_one_says_how_many_shards() -> None:
    steps = [*plan(12)]
    assert [step.table for step in steps] == [FIRST, *COLOCATED]
    assert [step.table for step in steps if "shard_count => 12" in step.command] == [FIRST]


@distributed
def test_what_is_distributed_is_known_and_the_rows_of_a_device_are_together(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        assert placed(connection) == {*DISTRIBUTED}
    assert len(column(conninfo, COLOCATIONS)) == 1
