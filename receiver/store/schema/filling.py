"""A column of what is stored, filled beside the work of the service, for migrations.

Each step commits by itself, so that a migration that was cut off goes on, and holds what it changes
for a moment only: whoever calls is in an `autocommit_block`. Where the commands are printed, it is
one step.
"""

from sqlalchemy import Connection

from receiver.store.schema.commands import execute, is_printed

# A step of so many takes a tenth of a second.
STEP_EVENTS = 5000
# 8 MB, or some ten thousand small rows.
STEP_BLOCKS = 1000

LAST_BLOCK = "(4294967294,0)"

FIND_BOUNDS = "SELECT min(stored_at), max(stored_at) + interval '1 microsecond' FROM event"
FIND_STEP = """
SELECT stored_at FROM event WHERE stored_at >= %(low)s AND stored_at < %(end)s
ORDER BY stored_at OFFSET %(limit)s LIMIT 1
"""
FIND_NEXT = """
SELECT stored_at FROM event WHERE stored_at > %(low)s AND stored_at < %(end)s
ORDER BY stored_at LIMIT 1
"""

COUNT_BLOCKS = """
SELECT pg_relation_size(%(table)s::regclass) / current_setting('block_size')::bigint
"""


def fill_by_events(connection: Connection, statement: str, limit: int = STEP_EVENTS) -> None:
    """Executes a statement for all events, about `limit` of them at a time, by arrival.

    Those that are stored meanwhile are left out: they may come faster than the steps.

    Args:
        statement: takes the events with `stored_at` from `%(low)s` until before `%(high)s`.
    """
    if is_printed(connection):
        execute(connection, statement, {"low": "-infinity", "high": "infinity"})
        return
    low, end = connection.exec_driver_sql(FIND_BOUNDS).one()
    while low is not None and low < end:
        bounds = {"low": low, "end": end, "limit": limit}
        high = connection.exec_driver_sql(FIND_STEP, bounds).scalar()
        if high == low:
            high = connection.exec_driver_sql(FIND_NEXT, bounds).scalar()
        high = high or end
        connection.exec_driver_sql(statement, {"low": low, "high": high})
        low = high


def fill_by_blocks(
    connection: Connection, table: str, statement: str, limit: int = STEP_BLOCKS
) -> None:
    """Executes a statement for all rows of a table, some blocks at a time, in their order on disk.

    Args:
        statement: takes the rows with `ctid` from `%(low)s` until before `%(high)s`.
    """
    if is_printed(connection):
        execute(connection, statement, {"low": "(0,0)", "high": LAST_BLOCK})
        return
    blocks = connection.exec_driver_sql(COUNT_BLOCKS, {"table": table}).scalar_one()
    for first in range(0, blocks, limit):
        bounds = {"low": f"({first},0)", "high": f"({first + limit},0)"}
        connection.exec_driver_sql(statement, bounds)
