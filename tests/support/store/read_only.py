"""A database whose transactions are read-only for a while, as after a failover."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

START = "ALTER DATABASE {} SET default_transaction_read_only = on"
END = "ALTER DATABASE {} RESET default_transaction_read_only"
CUT = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@contextmanager
def read_only(conninfo: str) -> Iterator[None]:
    """Lets the transactions of every new session be read-only, and ends the sessions of today."""
    change_default(conninfo, START)
    try:
        yield
    finally:
        # The sessions that began meanwhile go on, and stay read-only.
        change_default(conninfo, END, cut=False)


def change_default(conninfo: str, statement: str, *, cut: bool = True) -> None:
    """Sets or resets the default of the database.

    Args:
        cut: whether every other session ends, as at a failover.
    """
    writing = make_conninfo(conninfo, options="-c default_transaction_read_only=off")
    with psycopg.connect(writing, autocommit=True) as connection:
        database = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL(statement).format(database))
        if cut:
            connection.execute(CUT)
