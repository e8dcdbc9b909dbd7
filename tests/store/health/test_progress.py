"""How far the projection is, told from the events themselves."""

from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.derived.derivation import DERIVATION
from receiver.store.health.progress import Progress, read_progress
from receiver.store.projector.projecting import Projection
from tests.support.arrivals import arrival
from tests.support.store.history import store

REBUILDING = "UPDATE projection SET rebuilding = 2, rebuilt_below = %s"


@pytest.fixture
async def projection(conninfo: str) -> AsyncIterator[Projection]:
    """A projection that has derived all there is."""
    projection = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    await projection.derive_all()
    yield projection
    await projection.close()


async def test_nothing_is_told_before_a_projection_has_begun(engine: AsyncEngine) -> None:
    assert await read_progress(engine) is None


async def test_the_lag_is_the_wait_of_the_oldest_event(
    engine: AsyncEngine, conninfo: str, projection: Projection
) -> None:
    assert await read_progress(engine) == Progress(0.0, DERIVATION)
    await store(conninfo, [arrival(1)])
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE event SET stored_at = stored_at - interval '3 seconds'")
        connection.execute("UPDATE projection SET position_at = now() - interval '1 hour'")
    progress = await read_progress(engine)
    assert progress is not None
    assert 3 <= progress.lag_seconds < 60
    await projection.derive_all()
    assert await read_progress(engine) == Progress(0.0, DERIVATION)


async def test_an_event_that_was_stored_while_its_step_began_does_not_wait(
    engine: AsyncEngine, conninfo: str, projection: Projection
) -> None:
    await store(conninfo, [arrival(1)])
    await projection.derive_all()
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE projection SET position_at = position_at - interval '2 seconds'")
    assert await read_progress(engine) == Progress(0.0, DERIVATION)


async def test_a_feed_that_passes_by_events_is_seen(
    engine: AsyncEngine, conninfo: str, projection: Projection
) -> None:
    await store(conninfo, [arrival(1)])
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "UPDATE projection SET position = pg_current_snapshot()::text,"
            " position_at = now() - interval '2 minutes'"
        )
    progress = await read_progress(engine)
    assert progress is not None
    assert progress.lag_seconds > 0


@pytest.mark.parametrize(
    ("below", "share"), [(None, 0.0), (UUID(int=0), 0.0), (UUID(int=3 << 126), 0.75)]
)
async def test_a_rebuild_tells_which_share_it_has_done(
    engine: AsyncEngine, conninfo: str, projection: Projection, below: UUID | None, share: float
) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(REBUILDING, [below])
    assert await read_progress(engine) == Progress(0.0, DERIVATION, 2, share)


async def test_a_locked_month_holds_up_nobody(
    engine: AsyncEngine, conninfo: str, projection: Projection
) -> None:
    with psycopg.connect(conninfo) as locking:
        locking.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
        assert await read_progress(engine) is None
