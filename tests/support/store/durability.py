"""Durability of commits as a crash would see it: what Postgres has flushed when one is answered."""

from collections.abc import Awaitable, Callable

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

# The server flushes by itself a few times a second, so one commit proves nothing.
COMMITS = 20

INSERTED = "SELECT pg_current_wal_insert_lsn()"
IS_FLUSHED_BEYOND = "SELECT pg_current_wal_flush_lsn() > %s::pg_lsn"


def by_database(conninfo: str) -> str:
    """Turns `synchronous_commit` off for the database; returns how to connect."""
    _alter(conninfo, "ALTER DATABASE {database} SET synchronous_commit = off")
    return conninfo


def by_role(conninfo: str) -> str:
    """Turns `synchronous_commit` off for the role in this database; returns how to connect."""
    _alter(conninfo, "ALTER ROLE CURRENT_USER IN DATABASE {database} SET synchronous_commit = off")
    return conninfo


def by_connection(conninfo: str) -> str:
    """Returns how to connect with `synchronous_commit` off."""
    return make_conninfo(conninfo, options="-c synchronous_commit=off")


TURNED_OFF = (by_database, by_role, by_connection)


async def count_flushed(conninfo: str, commit: Callable[[int], Awaitable[None]]) -> int:
    """Returns how many of `COMMITS` commits were flushed to disk when they were answered.

    Args:
        commit: makes the commit of that number.
    """
    flushed = 0
    with psycopg.connect(conninfo, autocommit=True) as watching:
        for number in range(COMMITS):
            [(before,)] = watching.execute(INSERTED).fetchall()
            await commit(number)
            [(is_flushed,)] = watching.execute(IS_FLUSHED_BEYOND, [before]).fetchall()
            flushed += is_flushed
    return flushed


def _alter(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        database = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL(statement).format(database=database))
