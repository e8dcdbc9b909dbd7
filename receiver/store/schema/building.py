"""Indexes of `event`, built beside the work of the service, for migrations.

An index of all partitions together would stop the inserts for as long as it takes. So the parent
has it alone at first, and each partition gets its own `CONCURRENTLY`, which is then attached. Each
step commits by itself, so that a migration that was cut off goes on where it ended: whoever calls
is in an `autocommit_block`. Where the commands are printed, the partitions are not known: inserts
wait for an index of all of them together, so that the service is stopped before.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from receiver.store.connections.database import is_pooled
from receiver.store.connections.silence import called_after
from receiver.store.schema.commands import LIMIT_WAIT, execute, is_printed

# Inserts wait behind a lock that is waited for.
SHORT_WAIT = "SET LOCAL lock_timeout = '2s'"

# Nobody waits behind an index that is built concurrently; it waits for every older transaction.
LONG_WAIT = "SET lock_timeout = '10min'"
USUAL_WAIT = "RESET lock_timeout"

# Behind a pooler a limit of the session would reach others, so that an index has one in all there:
# twenty million events take a minute.
POOLED_SECONDS = 3600.0

PARTITIONS = """
SELECT child.relname FROM pg_inherits AS partition
JOIN pg_class AS child ON child.oid = partition.inhrelid
WHERE partition.inhparent = 'event'::regclass
ORDER BY child.relname
"""

UNATTACHED = """
SELECT child.relname FROM pg_inherits AS partition
JOIN pg_class AS child ON child.oid = partition.inhrelid
WHERE partition.inhparent = 'event'::regclass AND NOT EXISTS (
    SELECT FROM pg_inherits AS attached
    JOIN pg_index ON indexrelid = attached.inhrelid
    WHERE attached.inhparent = %(name)s::regclass AND indrelid = child.oid
)
ORDER BY child.relname
"""

VALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE indisvalid"


def build_index(connection: Connection, name: str, suffix: str, definition: str) -> None:
    """Builds an index of every event.

    Args:
        name: of the index.
        suffix: of the indexes of partitions, which begin with the name of the partition.
        definition: behind the name of the table: a method, columns, a condition.
    """
    if is_printed(connection):
        execute(connection, f"CREATE INDEX IF NOT EXISTS {name} ON event {definition}")
        return
    execute_shortly(connection, f"CREATE INDEX IF NOT EXISTS {name} ON ONLY event {definition}")
    for partition in connection.exec_driver_sql(UNATTACHED, {"name": name}).scalars().all():
        index = f"{partition}_{suffix}_idx"
        _build(connection, partition, index, f"INDEX CONCURRENTLY {index}", definition)
        execute_shortly(connection, f"ALTER INDEX {name} ATTACH PARTITION {index}")


def build_keys(connection: Connection, suffix: str, columns: str) -> None:
    """Builds the index of a future primary key on each partition; valid ones stay.

    Args:
        suffix: of the names, as in `build_index`.
    """
    if is_printed(connection):
        # The key is built where it is changed.
        return
    valid = set(connection.exec_driver_sql(VALID).scalars())
    for partition in list_partitions(connection):
        index = f"{partition}_{suffix}"
        if index not in valid:
            _build(connection, partition, index, f"UNIQUE INDEX CONCURRENTLY {index}", columns)


def change_key(connection: Connection, suffix: str, columns: str) -> None:
    """Makes the indexes of `build_keys` the primary key, in a transaction that takes no time.

    A partition that came meanwhile has hardly an event, and its index is built here.
    """
    execute(connection, "ALTER TABLE event DROP CONSTRAINT event_pkey")
    if is_printed(connection):
        execute(connection, f"ALTER TABLE event ADD CONSTRAINT event_pkey PRIMARY KEY {columns}")
        return
    connection.exec_driver_sql(
        f"ALTER TABLE ONLY event ADD CONSTRAINT event_pkey PRIMARY KEY {columns}"
    )
    valid = set(connection.exec_driver_sql(VALID).scalars())
    for partition in list_partitions(connection):
        index, key = f"{partition}_{suffix}", f"{partition}_pkey"
        made = f"USING INDEX {index}" if index in valid else columns
        connection.exec_driver_sql(
            f"ALTER TABLE {partition} ADD CONSTRAINT {key} PRIMARY KEY {made}"
        )
        connection.exec_driver_sql(f"ALTER INDEX event_pkey ATTACH PARTITION {key}")


def list_partitions(connection: Connection) -> Sequence[str]:
    """Returns the names of the partitions of `event`."""
    return connection.exec_driver_sql(PARTITIONS).scalars().all()


def execute_shortly(connection: Connection, command: str) -> None:
    """Executes a command, which waits for a lock for a moment only.

    Both statements are sent as one, and so are one transaction of one session.
    """
    both = f"{SHORT_WAIT}; {command}"
    execute(connection, f"BEGIN; {both}; COMMIT" if is_printed(connection) else both)


def build_concurrently(connection: Connection, index: str, table: str, definition: str) -> None:
    """Builds one index of one table, anew if an earlier try left it behind."""
    _build(connection, table, index, f"INDEX CONCURRENTLY {index}", definition)


def build_unique(connection: Connection, index: str, table: str, columns: str) -> None:
    """Builds the index of a future key of one table, anew if an earlier try left it behind."""
    _build(connection, table, index, f"UNIQUE INDEX CONCURRENTLY {index}", columns)


def is_valid(connection: Connection, index: str) -> bool:
    """Tells whether an index is there, and finished; never, where commands are printed."""
    if is_printed(connection):
        return False
    return index in connection.exec_driver_sql(VALID).scalars()


def _build(connection: Connection, table: str, index: str, made: str, definition: str) -> None:
    with _waiting_long(connection):
        # What an earlier try left behind is not valid.
        execute(connection, f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
        execute(connection, f"CREATE {made} ON {table} {definition}")


@contextmanager
def _waiting_long(connection: Connection) -> Iterator[None]:
    """Bounds the wait of what no transaction can hold."""
    if not is_printed(connection):
        session: Any = connection.connection.driver_connection
        if is_pooled(session):
            with called_after(POOLED_SECONDS, session.cancel_safe):
                yield
            return
    execute(connection, LONG_WAIT)
    yield
    execute(connection, LIMIT_WAIT if is_printed(connection) else USUAL_WAIT)
