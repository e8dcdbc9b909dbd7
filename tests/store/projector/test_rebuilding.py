"""A rebuild on demand ends, whoever takes its steps."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway
from receiver.store.events.ingest import Ingest
from receiver.store.health.progress import Progress, read_progress
from receiver.store.projector.projecting import Projection
from receiver.store.projector.rebuilding import rebuild
from tests.support.arrivals import arrival


async def test_a_rebuild_ends_beside_a_service_that_derives(
    conninfo: str, ingest: Ingest, projection: Projection, engine: AsyncEngine
) -> None:
    await ingest.commit([arrival(number) for number in range(50)])
    serving = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    shares: list[float] = []
    async with asyncio.timeout(30), asyncio.TaskGroup() as both:
        both.create_task(rebuild(conninfo, projection, shares.append))
        both.create_task(_derive_often(serving))
    await serving.close()
    assert shares == sorted(shares)
    assert shares[-1] == 1
    progress = await read_progress(engine)
    assert isinstance(progress, Progress)
    assert progress.rebuilding is None


async def _derive_often(projection: Projection) -> None:
    for _ in range(20):
        await projection.derive(limit=5)


async def test_a_database_that_is_away_is_one_line() -> None:
    nowhere = "host=127.0.0.1 port=1 dbname=nowhere user=nobody"
    projection = Projection(nowhere, statement_timeout_seconds=10, prepare_threshold=None)
    with pytest.raises(DatabaseAway):
        await rebuild(nowhere, projection, lambda _: None)
