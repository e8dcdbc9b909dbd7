"""A column of what is stored, filled beside the work of the service, for migrations.

Each step commits by itself, so that a migration that was cut off goes on, and holds what it changes
for a moment only: whoever calls is in an `autocommit_block`.
"""

from datetime import datetime

from sqlalchemy import Connection

# A step of so many takes a tenth of a second.
STEP_EVENTS = 5000
# 8 MB, or some ten thousand small rows.
STEP_BLOCKS = 1000

FIND_FIRST = "SELECT min(stored_at) FROM event"
FIND_END = """
SELECT stored_at FROM event WHERE stored_at >= %(low)s ORDER BY stored_at OFFSET %(limit)s LIMIT 1
"""
FIND_NEXT = "SELECT stored_at FROM event WHERE stored_at > %(low)s ORDER BY stored_at LIMIT 1"

COUNT_BLOCKS = """
SELECT pg_relation_size(%(table)s::regclass) / current_setting('block_size')::bigint
"""


def fill_by_events(connection: Connection, statement: str, limit: int = STEP_EVENTS) -> None:
    """Executes a statement for all events, about `limit` of them at a time, by arrival.

    Args:
        statement: takes the events with `stored_at` from `%(low)s` until before `%(high)s`, which
            is infinity in the last step.
    """
    low: datetime | None = connection.exec_driver_sql(FIND_FIRST).scalar()
    while low is not None:
        bounds = {"low": low, "limit": limit}
        high = connection.exec_driver_sql(FIND_END, bounds).scalar()
        if high == low:
            high = connection.exec_driver_sql(FIND_NEXT, bounds).scalar()
        connection.exec_driver_sql(statement, {"low": low, "high": high or "infinity"})
        low = high


def fill_by_blocks(
    connection: Connection, table: str, statement: str, limit: int = STEP_BLOCKS
) -> None:
    """Executes a statement for all rows of a table, some blocks at a time, in their order on disk.

    Args:
        statement: takes the rows with `ctid` from `%(low)s` until before `%(high)s`.
    """
    blocks = connection.exec_driver_sql(COUNT_BLOCKS, {"table": table}).scalar_one()
    for first in range(0, blocks, limit):
        bounds = {"low": f"({first},0)", "high": f"({first + limit},0)"}
        connection.exec_driver_sql(statement, bounds)
