"""The history over the database of a test."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.events.history import History


@pytest.fixture
def history(engine: AsyncEngine) -> History:
    return History(engine)
