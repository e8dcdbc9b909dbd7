"""A database with a month of events that lies behind."""

import pytest

from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import START_REBUILD, Projection
from tests.support.ageing import EVENTS, age_events, execute, make_month


@pytest.fixture
async def old(conninfo: str, ingest: Ingest, projection: Projection) -> str:
    """The name of the month with all events, three months ago; they are derived."""
    await projection.derive_all()
    name = make_month(conninfo, 3)
    await ingest.commit([event.arrival for event in EVENTS])
    age_events(conninfo, 3)
    execute(conninfo, START_REBUILD)
    await projection.derive_all()
    return name
