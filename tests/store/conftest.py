"""What every room of the store is tested with: a pool, and the hot insert, on one database."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import question_engine
from receiver.store.events.ingest import Ingest


@pytest.fixture
async def engine(conninfo: str) -> AsyncIterator[AsyncEngine]:
    """A pool of two connections, as the service makes its own."""
    engine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=10, prepare_threshold=None
    )
    yield engine
    await engine.dispose()


@pytest.fixture
async def ingest(conninfo: str) -> AsyncIterator[Ingest]:
    """The hot insert, whose statement is prepared at its second execution."""
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=2)
    yield ingest
    await ingest.close()
