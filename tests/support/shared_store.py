"""The connections of a law, which its examples share.

A connection of its own for each example was most of what the example cost: each plans its first
statements with nothing in its caches.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.database import connect_async
from receiver.store.connections.engine import question_engine
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import FEEDS, SNAPSHOT, Feed
from receiver.store.projector.projecting import Projection

T = TypeVar("T")

# As the service does: a statement that comes again is not planned again.
PREPARE_THRESHOLD = 2

# Of few rows, each of them costs less than a TRUNCATE, which makes every file anew.
CLEAR = "; ".join(
    f"DELETE FROM {table}"  # noqa: S608 - the names of our own tables
    for table in (
        "event",
        "event_identity",
        "event_seed",
        "subscription_retired",
        "retention",
        "device_status",
        "subscription",
        "device_identifier",
        "subscription_registration",
    )
)


@dataclass(frozen=True, slots=True)
class SharedStore:
    """What stores, derives and answers, on a database that no other test uses meanwhile.

    Attributes:
        connection: for statements past the product, each a transaction of its own.
        projections: by their feeds.
    """

    runner: asyncio.Runner
    connection: AsyncConnection
    engine: AsyncEngine
    ingest: Ingest
    projections: dict[Feed, Projection]

    def run(self, example: Coroutine[Any, Any, T]) -> T:
        """Runs an example in the loop of the connections."""
        return self.runner.run(example)

    async def clear(self, feed: Feed = SNAPSHOT) -> Projection:
        """Removes all events, and what was derived and kept of them; returns the projection."""
        await self.connection.execute(CLEAR.encode())
        await self.projections[feed].derive_all()
        return self.projections[feed]


@contextmanager
def sharing(conninfo: str) -> Iterator[SharedStore]:
    """Opens the connections, and closes them at the end of the block."""
    with asyncio.Runner() as runner:
        store = runner.run(_open(conninfo, runner))
        try:
            yield store
        finally:
            runner.run(_close(store))


async def _open(conninfo: str, runner: asyncio.Runner) -> SharedStore:
    return SharedStore(
        runner,
        await connect_async(
            conninfo, statement_timeout_seconds=10, prepare_threshold=PREPARE_THRESHOLD
        ),
        question_engine(
            conninfo, pool_size=2, statement_timeout_seconds=10, prepare_threshold=PREPARE_THRESHOLD
        ),
        Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=PREPARE_THRESHOLD),
        {
            feed: Projection(
                conninfo,
                statement_timeout_seconds=10,
                prepare_threshold=PREPARE_THRESHOLD,
                feed=feed,
            )
            for feed in FEEDS.values()
        },
    )


async def _close(store: SharedStore) -> None:
    for projection in store.projections.values():
        await projection.close()
    await store.ingest.close()
    await store.engine.dispose()
    await store.connection.close()
