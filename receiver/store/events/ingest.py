"""The hot insert: one statement, which is one transaction, makes a batch of arrivals durable.

Behind a pooler the same statement is a function, and on a distributed database there are two
statements, `store_by_two`; which form it is is looked up once for each connection. When events
become distributed, the form of a single server fails on each connection once, and the next try
looks again.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

import psycopg
from psycopg import AsyncConnection
from psycopg.errors import Diagnostic

from receiver.errors import (
    CommitUnknown,
    ContentRejected,
)
from receiver.events.event import Arrival
from receiver.store.connections.database import connect_async
from receiver.store.connections.durability import DURABLE
from receiver.store.connections.names import Hosts
from receiver.store.connections.pooled.local_settings import LocalConnection, execute_alone
from receiver.store.connections.silence import Silence
from receiver.store.distribution.detecting import is_distributed_async
from receiver.store.events.columns import COUNT_KNOWN, sent_at
from receiver.store.events.failures import failed_commit, failed_connection
from receiver.store.events.storing.rows import ROW_MEMBERS, STORED_COLUMNS, STORED_VALUES, rows_of
from receiver.store.events.storing.two_statements import store_by_two

# One statement in autocommit mode is one transaction without a round trip inside it. Identities
# come first and in one order everywhere, or two writers would deadlock. xmax is 0 exactly for a row
# this statement inserted.
INSERT = f"""
WITH arrival AS (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS row_of ({ROW_MEMBERS}) WHERE {DURABLE}
), identity AS (
    INSERT INTO event_identity (sent_at, device_id, digest, deliveries, last_arrival)
    SELECT {sent_at("arrival")}, device_id, digest, deliveries, arrival_id FROM arrival
    {COUNT_KNOWN}
    RETURNING device_id, digest, xmax = 0 AS inserted
)
INSERT INTO event ({STORED_COLUMNS})
SELECT {STORED_VALUES}
FROM arrival JOIN identity USING (device_id, digest)
WHERE inserted
"""  # noqa: S608 - composed of constants

# The same insert as a function, whose plan a session of the server keeps, whoever its client is:
# behind a pooler, to parse and plan it took as long as to store fifty events. `BODY` is the text of
# the function, and a migration has a copy. When it changes, so does the number, and the function
# before stays for replicas of the release before. The limit of a statement is fixed when that
# begins, so that the function sets the one of each lock.
FUNCTION = "store_arrivals_1"
BODY = f"""
BEGIN
    PERFORM set_config('lock_timeout', lock_timeout_milliseconds, true);
    {INSERT.replace("%(rows)s::json", "arrivals").strip()};
END
"""
CALL = f"SELECT {FUNCTION}(%(rows)s, %(limit)s)"

Form = Callable[[AsyncConnection, Sequence[Arrival]], Awaitable[None]]


class _Session(NamedTuple):
    """A connection, and the form that its database takes."""

    connection: LocalConnection
    store: Form


class Ingest:
    """Commits batches of arrivals, each over a connection that no other commit uses.

    A connection on which anything went wrong is closed, never used again.

    Args:
        conninfo: in any form that libpq reads.
        statement_timeout_seconds: limit after which the server cancels a statement, but never the
            commit itself; it belongs above the writer's deadline. Behind a pooler it is the limit
            of the wait for a lock. A server that is silent for longer is let go of.
        prepare_threshold: executions before the statement is prepared; None: never.
        hosts: learn where commits hang and where they are confirmed.
        form: the only one; None: the one that the database takes.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        statement_timeout_seconds: float,
        prepare_threshold: int | None,
        hosts: Hosts | None = None,
        form: Form | None = None,
    ) -> None:
        self._conninfo = conninfo
        self._statement_timeout_seconds = statement_timeout_seconds
        self._prepare_threshold = prepare_threshold
        self._silence = Silence(statement_timeout_seconds)
        self._hosts = hosts or Hosts()
        self._form = form
        self._idle: _Session | None = None
        self._committing: set[LocalConnection] = set()

    async def commit(self, batch: Sequence[Arrival]) -> None:
        """Makes every arrival of the batch durable, once each, however often it is tried.

        Raises:
            ContentRejected: Postgres cannot hold something in the batch; nothing was stored.
            CommitRefused: nothing was stored, for a reason that may pass: the database is away,
                read-only, full, or something is locked.
            CommitUnknown: the batch may be stored or not; another try is safe.
            Unavailable: nothing was stored, for a reason that nobody foresaw.
        """
        warnings: list[str] = []

        def hear(diagnostic: Diagnostic) -> None:
            if diagnostic.sqlstate == "01000":
                warnings.append(diagnostic.sqlstate)

        session = await self._take()
        connection = session.connection
        connection.add_notice_handler(hear)
        self._committing.add(connection)
        try:
            await session.store(connection, batch)
            self._silence.end()
        except psycopg.Error as error:
            await connection.close()
            raise failed_commit(error) from error
        except ValueError as error:
            # The driver could not write the rows, so nothing was sent.
            await connection.close()
            raise ContentRejected("a text that cannot be sent") from error
        except BaseException:
            await connection.close()
            raise
        finally:
            self._committing.discard(connection)
        connection.remove_notice_handler(hear)
        if warnings:
            # "The transaction has already committed locally": the standby did not confirm it.
            await connection.close()
            raise CommitUnknown("the synchronous standby did not confirm the commit")
        self._hosts.note_confirmed(connection.way)
        await self._give_back(session)

    async def close(self) -> None:
        """Closes the idle connection."""
        if self._idle is not None:
            await self._idle.connection.close()
            self._idle = None

    async def _take(self) -> _Session:
        session, self._idle = self._idle, None
        if session is not None and not session.connection.closed:
            return session
        # The writer begins a commit beside another one only where that takes too long, and the
        # drain has one beside the writer's.
        for committing in self._committing:
            self._hosts.note_hung(committing.way)
        try:
            connection = await connect_async(
                self._conninfo,
                statement_timeout_seconds=self._statement_timeout_seconds,
                prepare_threshold=self._prepare_threshold,
                silence=self._silence,
                hosts=self._hosts,
            )
            return _Session(connection, self._form or await self._look(connection))
        except (psycopg.Error, OSError) as error:
            raise failed_connection(error) from error

    async def _look(self, connection: LocalConnection) -> Form:
        """Returns the form that the database takes; a connection that cannot be asked is closed."""
        try:
            if await is_distributed_async(connection):
                return store_by_two
        except BaseException:
            await connection.close()
            raise
        if connection.is_pooled:
            return partial(store_by_function, limit_seconds=self._statement_timeout_seconds)
        return store_by_one

    async def _give_back(self, session: _Session) -> None:
        if self._idle is None:
            self._idle = session
        else:
            await session.connection.close()


async def store_by_one(connection: AsyncConnection, batch: Sequence[Arrival]) -> None:
    """Stores a batch in one round trip, on a single server.

    Raises:
        ContentRejected: something in the batch cannot be written; nothing was sent.
        psycopg.Error: of the statement.
    """
    await connection.execute(INSERT, {"rows": rows_of(batch)})


async def store_by_function(
    connection: AsyncConnection, batch: Sequence[Arrival], *, limit_seconds: float
) -> None:
    """Stores a batch likewise, behind a transaction pooler.

    Args:
        limit_seconds: of the wait for a lock.

    Raises:
        ContentRejected: something in the batch cannot be written; nothing was sent.
        psycopg.Error: of the statement.
    """
    limit = str(round(limit_seconds * 1000))
    await execute_alone(connection, CALL, {"rows": rows_of(batch), "limit": limit})
