"""What the tests of timelines share: a projection, and the timelines of one database."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.timelines.timelines import Timelines


@pytest.fixture
def timelines(engine: AsyncEngine) -> Timelines:
    return Timelines(engine)
