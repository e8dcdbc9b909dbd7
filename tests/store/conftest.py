"""What every room of the store is tested with on one database: pool, hot insert, projection."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import question_engine
from receiver.store.events.ingest import Form, Ingest
from receiver.store.projector.feeds import SNAPSHOT, Feed
from receiver.store.projector.projecting import Projection
from receiver.store.status.statuses import Statuses
from tests.support.shared_store import SharedStore, sharing


@pytest.fixture
async def engine(conninfo: str) -> AsyncIterator[AsyncEngine]:
    """A pool of two connections, as the service makes its own."""
    engine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=10, prepare_threshold=None
    )
    yield engine
    await engine.dispose()


@pytest.fixture
def form() -> Form | None:
    """How the hot insert stores; a test that holds for both forms has its own."""
    return None


@pytest.fixture
async def ingest(conninfo: str, form: Form | None) -> AsyncIterator[Ingest]:
    """The hot insert, whose statement is prepared at its second execution."""
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=2, form=form)
    yield ingest
    await ingest.close()


@pytest.fixture
def feed() -> Feed:
    """How the projection reads; a test that holds for both feeds has its own."""
    return SNAPSHOT


@pytest.fixture
async def projection(conninfo: str, feed: Feed) -> AsyncIterator[Projection]:
    """A projection that a test steps by itself."""
    projection = Projection(
        conninfo, statement_timeout_seconds=10, prepare_threshold=None, feed=feed
    )
    yield projection
    await projection.close()


@pytest.fixture
def shared_store(module_conninfo: str) -> Iterator[SharedStore]:
    """The connections that the examples of a law share."""
    with sharing(module_conninfo) as store:
        yield store


@pytest.fixture
def statuses(engine: AsyncEngine) -> Statuses:
    return Statuses(engine)
