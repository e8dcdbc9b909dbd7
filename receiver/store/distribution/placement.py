"""Where each table is: distributed by device, or on the coordinator.

What is told of devices is distributed, and fills the disks. What is derived from it is small, and
linked across devices, which the extension asks of one server only; so it stays on the coordinator,
with every table that is not named here. All services connect to the coordinator.
"""

from collections.abc import Iterator
from typing import NamedTuple

import psycopg

# The rows of one device are on one node, because all of these have the same shards.
KEY = "device_id"
FIRST = "event_identity"
COLOCATED = ("event", "event_seed")
DISTRIBUTED = (FIRST, *COLOCATED)

PLACED = """
SELECT relname::text FROM pg_class JOIN pg_dist_partition ON logicalrelid = pg_class.oid
WHERE relnamespace = current_schema()::regnamespace AND relname = ANY (%s)
"""


class Step(NamedTuple):
    """One command, which distributes one table."""

    table: str
    command: str


def plan(shards: int) -> Iterator[Step]:
    """Yields the commands that distribute the tables, in their order.

    Args:
        shards: into how many parts each table is cut.
    """
    yield Step(
        FIRST, f"SELECT create_distributed_table('{FIRST}', '{KEY}', shard_count => {shards:d})"
    )
    for table in COLOCATED:
        yield Step(
            table,
            f"SELECT create_distributed_table('{table}', '{KEY}', colocate_with => '{FIRST}')",
        )


def placed(connection: psycopg.Connection) -> frozenset[str]:
    """Returns which tables are distributed already, in a database that has the extension."""
    rows = connection.execute(PLACED, [[*DISTRIBUTED]]).fetchall()
    return frozenset(str(row[0]) for row in rows)
