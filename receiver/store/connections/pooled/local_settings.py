"""Settings that each transaction says for itself, because a pooler hands those of a session on.

| what begins a transaction | when the settings are said |
|---|---|
| a statement by itself, or the first one | with it, in the round trip that it takes anyway |
| `connection.pipeline()` | as the first of its statements |
| `connection.transaction()` | in a round trip of their own |

Statements that Postgres sends together make one transaction, which ends with the last of them.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline, AsyncTransaction, sql
from psycopg.abc import Params, PQGen
from psycopg.pq import PipelineStatus, TransactionStatus

from receiver.store.connections.silence import PatientConnection, let_go

# The forms of a statement that the driver takes with parameters.
Statement = str | bytes | sql.SQL | sql.Composed

SAY = """
SELECT set_config(name, value, true)
FROM unnest(%(names)s::text[], %(values)s::text[]) AS asked_for (name, value)
"""


class LocalConnection(PatientConnection):
    """A connection whose transactions may begin with settings; without any it is like the other.

    Attributes:
        settings: what each transaction begins with, by name.
    """

    settings: Mapping[str, str] | None = None
    _is_within = False

    @property
    def is_pooled(self) -> bool:
        """Whether a pooler stands between this process and the server."""
        return self.settings is not None

    def say_in_each_transaction(self, settings: Mapping[str, str]) -> None:
        """Has each transaction from now on begin with these settings."""
        self.settings = settings
        self.cursor_factory = LocalCursor

    def is_outside(self) -> bool:
        """Tells whether the next statement begins a transaction that is to say its settings."""
        is_idle = self.pgconn.transaction_status == TransactionStatus.IDLE
        return self.is_pooled and is_idle and not self._is_within

    async def say(self) -> None:
        """Says the settings to the transaction that is open, or that this begins."""
        settings = self.settings or {}
        names, values = list(settings), list(settings.values())
        await AsyncCursor(self).execute(SAY, {"names": names, "values": values})

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[AsyncPipeline]:
        """Sends the statements of the block together."""
        is_first = self.is_outside()
        self._pipeline = self._pipeline or SyncedPipeline(self)
        async with super().pipeline() as pipeline:
            if is_first:
                self._is_within = True
                await self.say()
            try:
                yield pipeline
            finally:
                if is_first:
                    self._is_within = False

    @asynccontextmanager
    async def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> AsyncIterator[AsyncTransaction]:
        """Makes the block one transaction, or a part of the one that is open."""
        is_first = self.is_outside()
        async with super().transaction(savepoint_name, force_rollback) as transaction:
            if is_first:
                await self.say()
            yield transaction


class SyncedPipeline(AsyncPipeline):
    """Statements that are sent together, with a Sync as the last message.

    The driver sends a Flush after it, which brings nothing. A pooler that has taken the session
    back by then lends it for the Flush alone, and nobody else has it until this client asks again.
    """

    def _exit_gen(self) -> PQGen[None]:
        try:
            self._enqueue_sync()
            yield from self._communicate_gen()
        finally:
            yield from self._fetch_gen(flush=False)


class LocalCursor(AsyncCursor[Any]):
    """A cursor whose statement brings the settings of a transaction that it begins."""

    _conn: LocalConnection

    async def execute(
        self,
        query: Any,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        """Executes a statement."""
        if not self._conn.is_outside():
            return await super().execute(query, params, prepare=prepare, binary=binary)
        try:
            async with self._conn.pipeline():
                await super().execute(query, params, prepare=prepare, binary=binary)
        except BaseException:
            # A cancelled task may leave answers behind, and the next statement would take them.
            if self._conn.pgconn.pipeline_status != PipelineStatus.OFF:
                let_go(self._conn)
            raise
        return self


async def execute_alone(
    connection: AsyncConnection[Any], statement: Statement, params: Params | None = None
) -> None:
    """Executes a statement as its own transaction, which begins with no settings.

    It bounds its time by itself, or Postgres allows it in no transaction.
    """
    await AsyncCursor(connection).execute(statement, params)
