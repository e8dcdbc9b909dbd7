"""SQLAlchemy's engines, for questions and for Alembic, over connections of `database`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from receiver.errors import DatabaseAway
from receiver.store.connections.database import CONNECT_TIMEOUT_SECONDS, connect, connect_async
from receiver.store.connections.names import Hosts
from receiver.store.connections.sessions import READ_ONLY
from receiver.store.connections.silence import Silence

# For each host, of connections whose callers wait little: a healthy server, even a far one, answers
# within a second, and libpq takes less for two.
PROMPT_CONNECT_SECONDS = 2

# Of the transaction, because a pooler hands the setting of a session to others.
LIMIT_STATEMENTS = "SELECT set_config('statement_timeout', %(milliseconds)s, true)"

# A migration may take longer than a role is usually given for a statement, but does not wait for a
# lock for long: whoever wants to store an event waits behind it.
MIGRATION_LIMITS = """
SELECT set_config('statement_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true),
    set_config('lock_timeout', '2s', true)
"""


def question_engine(
    conninfo: str,
    *,
    pool_size: int,
    statement_timeout_seconds: float,
    prepare_threshold: int | None,
    pool_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
    silence: Silence | None = None,
    hosts: Hosts | None = None,
) -> AsyncEngine:
    """Returns a pool of connections for questions.

    Args:
        pool_timeout_seconds: limit of the wait for a connection.
        silence: how long all connections together wait for a silent server; None: each for itself.
        hosts: no question goes to one that commits have left; None: nothing is known of them.
    """

    async def open_connection() -> psycopg.AsyncConnection:
        connection = await connect_async(
            conninfo,
            statement_timeout_seconds=statement_timeout_seconds,
            prepare_threshold=prepare_threshold,
            silence=silence,
            hosts=hosts,
        )
        await connection.set_autocommit(False)
        return connection

    return _pool(open_connection, pool_size, pool_timeout_seconds)


def prompt_engine(
    conninfo: str,
    *,
    pool_size: int,
    limit_seconds: float,
    statement_timeout_seconds: float,
    prepare_threshold: int | None,
    pool_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
    hosts: Hosts | None = None,
) -> AsyncEngine:
    """Returns a pool for short questions whose callers have little time.

    A server that is silent is let go of a second after the limit, and all connections of the pool
    are made anew then.

    Args:
        limit_seconds: of each statement.
        statement_timeout_seconds: of the session, which a pooler may hand to others.
        hosts: as of `question_engine`.
    """

    async def open_connection() -> psycopg.AsyncConnection:
        connection = await connect_async(
            conninfo,
            statement_timeout_seconds=statement_timeout_seconds,
            prepare_threshold=prepare_threshold,
            silence=Silence(limit_seconds),
            hosts=hosts,
            connect_timeout_seconds=PROMPT_CONNECT_SECONDS,
        )
        await connection.set_autocommit(False)
        return connection

    engine = _pool(open_connection, pool_size, pool_timeout_seconds)
    event.listen(engine.sync_engine, "begin", partial(_limit_statements, limit_seconds))
    return engine


def _limit_statements(limit_seconds: float, connection: SyncConnection) -> None:
    connection.exec_driver_sql(LIMIT_STATEMENTS, {"milliseconds": f"{limit_seconds * 1000:.0f}"})


def _pool(
    open_connection: Callable[[], Awaitable[psycopg.AsyncConnection]],
    pool_size: int,
    pool_timeout_seconds: float,
) -> AsyncEngine:
    engine = create_async_engine(
        "postgresql+psycopg://",
        async_creator=open_connection,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout_seconds,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _replace_lost)
    event.listen(engine.sync_engine, "handle_error", _leave_read_only)
    return engine


def _replace_lost(
    pooled: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Has a connection made anew that its server has closed, or whose host commits have left."""
    connection: Any = pooled.driver_connection
    if connection.is_lost():
        raise DisconnectionError


def _leave_read_only(context: ExceptionContext) -> None:
    """Has every connection of the pool opened anew: a session keeps the default of its start."""
    if sqlstate_of(context.original_exception) == READ_ONLY:
        context.is_disconnect = True


def sqlstate_of(error: BaseException | None) -> str | None:
    """Returns the SQLSTATE of an error of the driver, or of SQLAlchemy's error around one."""
    origin = getattr(error, "orig", None) or error
    sqlstate: str | None = getattr(origin, "sqlstate", None)
    return sqlstate


@asynccontextmanager
async def asking(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Opens a transaction on a pooled connection, committed at the end of the block.

    Raises:
        DatabaseAway: the database is away, too slow, not migrated, or all connections are in use.
    """
    with _translating():
        async with engine.begin() as connection:
            yield connection


@asynccontextmanager
async def selecting(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Takes a pooled connection on which each question stands for itself.

    None waits for the round trips in which a transaction begins and ends.

    Raises:
        DatabaseAway: as `asking`.
    """
    with _translating():
        pooled = await engine.connect()
        try:
            await pooled.execution_options(isolation_level="AUTOCOMMIT")
            connection: Any = (await pooled.get_raw_connection()).driver_connection
            try:
                yield pooled
            finally:
                if connection.info.transaction_status != TransactionStatus.IDLE:
                    await pooled.invalidate()
        finally:
            # Not by SQLAlchemy's block, which makes a task of it: that takes two turns of the loop.
            await pooled.close()


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[psycopg.AsyncConnection]:
    """Takes the driver's connection, likewise; several statements can be sent together.

    Raises:
        DatabaseAway: as `asking`.
    """
    with _translating():
        pooled = await engine.raw_connection()
        try:
            connection: Any = pooled.driver_connection
            await connection.set_autocommit(True)
            try:
                yield connection
            finally:
                if connection.info.transaction_status == TransactionStatus.IDLE:
                    await connection.set_autocommit(False)
                else:
                    await greenlet_spawn(pooled.invalidate)
        finally:
            await greenlet_spawn(pooled.close)


@contextmanager
def _translating() -> Iterator[None]:
    """Lets a value that Postgres cannot read stay an error of its own."""
    try:
        yield
    except (psycopg.DataError, DataError):
        raise
    except (psycopg.Error, DBAPIError, PoolTimeout, OSError) as error:
        sqlstate = sqlstate_of(error)
        suffix = "" if sqlstate is None else f" (SQLSTATE {sqlstate})"
        raise DatabaseAway(f"the database cannot be asked{suffix}") from error


def migration_engine(conninfo: str) -> Engine:
    """Returns an engine for Alembic that has one connection at a time."""

    def open_connection() -> psycopg.Connection:
        connection = connect(conninfo, "receiver migrate")
        connection.autocommit = False
        return connection

    engine = create_engine(
        "postgresql+psycopg://", creator=open_connection, poolclass=NullPool, hide_parameters=True
    )
    event.listen(engine, "begin", _set_limits)
    return engine


def _set_limits(connection: SyncConnection) -> None:
    """Sets them for the transaction, so that a pooler keeps nothing of it."""
    connection.exec_driver_sql(MIGRATION_LIMITS)
