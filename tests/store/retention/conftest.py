"""A database with a month of events that lies behind."""

from collections.abc import Iterator

import psycopg
import pytest

from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import START_REBUILD, Projection
from tests.support.ageing import EVENTS, age_events, execute, make_month
from tests.support.dropping import MONTH
from tests.support.shared_store import SharedStore, sharing


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


@pytest.fixture
def month_store(module_conninfo: str) -> Iterator[SharedStore]:
    """The connections of a law, to a database with the month of its events."""
    with psycopg.connect(module_conninfo) as connection:
        connection.execute(MONTH)
    with sharing(module_conninfo) as store:
        yield store
