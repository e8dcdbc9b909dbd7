"""What the tests of timelines share: a projection, and the timelines of one database."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.derived.projecting import Projection
from receiver.store.derived.reading import Statuses
from receiver.store.timelines.timelines import Timelines


@pytest.fixture
async def projection(conninfo: str) -> AsyncIterator[Projection]:
    projection = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    yield projection
    await projection.close()


@pytest.fixture
def statuses(engine: AsyncEngine) -> Statuses:
    return Statuses(engine)


@pytest.fixture
def timelines(engine: AsyncEngine) -> Timelines:
    return Timelines(engine)
