"""The counts of the fleet are of the moment that they name."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.events.ingest import Ingest
from receiver.store.fleet.counts import read_counts
from receiver.store.projector.projecting import Projection
from tests.store.fleet.test_fleet import said


async def test_what_is_behind_the_projector_lies_behind_what_the_counts_say(
    ingest: Ingest, projection: Projection, engine: AsyncEngine
) -> None:
    await projection.derive_all()
    before = datetime.now(UTC)
    event = said(0, "connectivity-data")
    await ingest.commit([event.arrival])
    counts = await read_counts(engine)
    assert counts.devices == 0
    assert counts.as_of <= before
    await projection.derive_all()
    counts = await read_counts(engine)
    assert (counts.devices, counts.connectivity) == (1, {"CONNECTED_DATA": 1})
    assert counts.as_of > before
