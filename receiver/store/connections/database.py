"""Connections to Postgres; libpq reads every connection string, so all its forms work."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import Connection

from receiver.errors import Unavailable
from receiver.store.connections.names import Hosts, Way, resolve
from receiver.store.connections.pooled.local_settings import LocalConnection
from receiver.store.connections.sessions import (
    ENCODING,
    INTRODUCE,
    READ_ONLY,
    forget_shell_variables,
    introduction,
)
from receiver.store.connections.silence import Silence

# Connections for what keeps the service in order: its credentials, their last uses, its readiness
# and its figures. Each is asked for by one caller at a time, so none of them waits for another,
# and neither questions nor refused notifications can hold these connections.
CONTROL_CONNECTIONS = 4

# Connections for the quarantine, beside those of questions. One credential writes over one of them
# at a time, so that a sender that floods the quarantine leaves the other one.
REFUSALS_CONNECTIONS = 2

# As `server_version_num` writes it; users are promised Postgres 15 and newer.
OLDEST_VERSION = 150000

# For each host that libpq tries; a healthy server answers in milliseconds, even a far one in one
# second, and a caller waits for nothing else meanwhile.
CONNECT_TIMEOUT_SECONDS = 5

# What an operator can change at once.
REASONS = {
    READ_ONLY: ": it is read-only",
    "42501": ": the login lacks a right, which `receiver doctor` names",
}

# Through a pooler it differs from the one that the pooler gave to its client.
BACKEND = "SELECT pg_backend_pid()"


def connect(conninfo: str, application_name: str = "receiver") -> Connection:
    """Opens a synchronous connection in autocommit mode, for commands and migrations.

    Raises:
        Unavailable: one line with libpq's words: host, port and cause, never the password.
    """
    forget_shell_variables()
    try:
        return _open(conninfo, application_name)
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise Unavailable(f"the database cannot be reached: {reason}") from None
    except (psycopg.Error, OSError, ValueError) as error:
        # Such as a host name that cannot be written in DNS; the words may repeat a password.
        raise Unavailable(f"the database cannot be reached ({type(error).__name__})") from None


def _open(conninfo: str, application_name: str) -> Connection:
    connection = psycopg.connect(
        conninfo,
        autocommit=True,
        application_name=application_name,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        # A command repeats no statement, and a pooler may lose a prepared one.
        prepare_threshold=None,
        client_encoding=ENCODING,
    )
    try:
        connection.execute(INTRODUCE, introduction(connection))
    except BaseException:
        connection.close()
        raise
    return connection


def is_pooled(connection: Connection) -> bool:
    """Tells whether a pooler stands between this process and the server."""
    row = connection.execute(BACKEND).fetchone()
    return row is not None and row[0] != connection.info.backend_pid


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
            reason = REASONS.get(error.sqlstate or "", "")
            raise Unavailable(
                f"the database cannot be asked{reason} (SQLSTATE {error.sqlstate})"
            ) from error


async def connect_async(
    conninfo: str,
    *,
    statement_timeout_seconds: float,
    prepare_threshold: int | None,
    silence: Silence | None = None,
    hosts: Hosts | None = None,
    connect_timeout_seconds: int = CONNECT_TIMEOUT_SECONDS,
    settings: Mapping[str, str] | None = None,
) -> LocalConnection:
    """Opens an asynchronous connection in autocommit mode, with a limit on each statement.

    Behind a pooler each transaction says the limit and the settings for itself, because the pooler
    would hand those of the session to others.

    Args:
        silence: how long a server is waited for that does not keep to the limit; None: hardly
            longer.
        hosts: in which order they are tried; None: as the connection string has them.
        connect_timeout_seconds: for each host that is tried, at least 2, as libpq has it.
        prepare_threshold: executions before a statement is prepared; None: never. Behind a pooler
            none is prepared, because the next transaction may meet another server process.
        settings: others that all transactions have, by name.
    """
    forget_shell_variables()
    hosts = hosts or Hosts()
    changes = hosts.changes
    connection = await LocalConnection.connect(
        hosts.order(await resolve(conninfo)),
        autocommit=True,
        application_name="receiver",
        connect_timeout=connect_timeout_seconds,
        prepare_threshold=prepare_threshold,
        # A peer that silently went away must not hold a commit for ever.
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        tcp_user_timeout=round(statement_timeout_seconds * 1000),
        client_encoding=ENCODING,
    )
    connection.silence = silence or Silence(statement_timeout_seconds)
    connection.way = Way(
        connection.info.hostaddr or connection.info.host, str(connection.info.port)
    )
    connection.hosts, connection.changes = hosts, changes
    limit_milliseconds = str(round(statement_timeout_seconds * 1000))
    all_settings = {"statement_timeout": limit_milliseconds, **(settings or {})}
    try:
        parameters = introduction(connection, all_settings)
        cursor = await connection.execute(INTRODUCE, parameters, prepare=False)
        row = await cursor.fetchone()
        if row is None or not row[0]:
            connection.prepare_threshold = None
            connection.say_in_each_transaction(all_settings)
        connection.may_be_distributed = row is not None and bool(row[1])
    except BaseException:
        await connection.close()
        raise
    return connection
