"""How connections to Postgres are made; libpq reads every connection string, so all forms work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg import AsyncConnection, Connection
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection as AsyncConnectionOfEngine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from receiver.errors import DatabaseAway, Unavailable

OLDEST_VERSION = 150000
CONNECT_TIMEOUT_SECONDS = 5


def connect(conninfo: str, application_name: str = "receiver") -> Connection:
    """A synchronous connection in autocommit mode, for commands and migrations.

    Raises:
        Unavailable: in one line, with what libpq says: host, port and cause, never the password.
    """
    try:
        return psycopg.connect(
            conninfo,
            autocommit=True,
            application_name=application_name,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
        )
    except psycopg.OperationalError as error:
        said = " ".join(str(error).split())
        raise Unavailable(f"the database cannot be reached: {said}") from None


async def connect_async(
    conninfo: str, *, statement_timeout_seconds: float, prepare_threshold: int | None
) -> AsyncConnection:
    """An asynchronous connection in autocommit mode whose statements end in bounded time."""
    connection = await AsyncConnection.connect(
        conninfo,
        autocommit=True,
        application_name="receiver",
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        prepare_threshold=prepare_threshold,
        # A peer that silently went away must not hold a commit for ever.
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        tcp_user_timeout=round(statement_timeout_seconds * 1000),
    )
    try:
        # A statement and not a start-up option, because transaction poolers refuse the latter.
        await connection.execute(
            "SELECT set_config('statement_timeout', %s, false)",
            [str(round(statement_timeout_seconds * 1000))],
        )
    except BaseException:
        await connection.close()
        raise
    return connection


def question_engine(
    conninfo: str,
    *,
    pool_size: int,
    statement_timeout_seconds: float,
    prepare_threshold: int | None,
    pool_timeout_seconds: float = 5.0,
) -> AsyncEngine:
    """The pool that questions and credential look-ups share.

    Args:
        pool_timeout_seconds: how long one waits for a connection.
    """

    async def opened() -> AsyncConnection:
        connection = await connect_async(
            conninfo,
            statement_timeout_seconds=statement_timeout_seconds,
            prepare_threshold=prepare_threshold,
        )
        await connection.set_autocommit(False)
        return connection

    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=opened,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout_seconds,
        pool_pre_ping=True,
        hide_parameters=True,
    )


@asynccontextmanager
async def asking(engine: AsyncEngine) -> AsyncIterator[AsyncConnectionOfEngine]:
    """A transaction on a pooled connection, committed at the end of the block.

    Raises:
        DatabaseAway: the database is away, too slow, not migrated, or all connections are in use.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except DataError:
        raise
    except (DBAPIError, PoolTimeout, OSError) as error:
        sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None)
        suffix = "" if sqlstate is None else f" (SQLSTATE {sqlstate})"
        raise DatabaseAway(f"the database cannot be asked{suffix}") from error


def migration_engine(conninfo: str) -> Engine:
    """One connection at a time, for Alembic."""

    def opened() -> Connection:
        connection = connect(conninfo, "receiver migrate")
        connection.autocommit = False
        return connection

    return create_engine(
        "postgresql+psycopg://", creator=opened, poolclass=NullPool, hide_parameters=True
    )
