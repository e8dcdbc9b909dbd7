"""Connections to Postgres; libpq reads every connection string, so all its forms work."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import AsyncConnection, Connection

from receiver.errors import Unavailable

# As `server_version_num` writes it; users are promised Postgres 15 and newer.
OLDEST_VERSION = 150000

# For each host that libpq tries; a healthy server answers in milliseconds, even a far one in one
# second, and a caller waits for nothing else meanwhile.
CONNECT_TIMEOUT_SECONDS = 5


def connect(conninfo: str, application_name: str = "receiver") -> Connection:
    """Opens a synchronous connection in autocommit mode, for commands and migrations.

    Raises:
        Unavailable: one line with libpq's words: host, port and cause, never the password.
    """
    try:
        return psycopg.connect(
            conninfo,
            autocommit=True,
            application_name=application_name,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
        )
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise Unavailable(f"the database cannot be reached: {reason}") from None


@contextmanager
def session(conninfo: str, application_name: str = "receiver") -> Iterator[Connection]:
    """Opens a connection as `connect` does, for the length of the block.

    Raises:
        Unavailable: the database is away, or a statement failed; the message has its SQLSTATE.
    """
    with connect(conninfo, application_name) as connection:
        try:
            yield connection
        except psycopg.Error as error:
            raise Unavailable(
                f"the database cannot be asked (SQLSTATE {error.sqlstate})"
            ) from error


async def connect_async(
    conninfo: str, *, statement_timeout_seconds: float, prepare_threshold: int | None
) -> AsyncConnection:
    """Opens an asynchronous connection in autocommit mode, with a limit on each statement."""
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
