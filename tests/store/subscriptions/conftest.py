"""What the tests of subscriptions share: a projection, and the ledger of one database."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.projector.projecting import Projection
from receiver.store.subscriptions.ledger import Ledger


@pytest.fixture
async def projection(projection: Projection) -> Projection:
    """A projection that has begun."""
    await projection.derive_all()
    return projection


@pytest.fixture
def ledger(engine: AsyncEngine, projection: Projection) -> Ledger:
    return Ledger(engine)
