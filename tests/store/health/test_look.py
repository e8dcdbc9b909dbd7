"""A look at the database is shared, and a database that is silent is a reason."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.health import look
from receiver.store.health.look import DatabaseLook, Found
from receiver.store.projector.projecting import Projection


async def test_a_look_finds_reasons_warnings_and_progress(
    engine: AsyncEngine, projection: Projection
) -> None:
    await projection.derive_all()
    database = DatabaseLook(engine)
    found = await database.look()
    assert (found.reasons, found.warnings) == ([], [])
    assert found.progress is not None
    assert database.latest == found
    await database.close()


async def test_a_silent_database_is_a_reason_beside_the_latest_warnings(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: AsyncEngine) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(look, "unready_reasons", hang)
    monkeypatch.setattr(look, "DEADLINE_SECONDS", 0.05)
    database = DatabaseLook(engine)
    database.latest = Found([], ["the clock is wrong"])
    found = await database.look()
    await database.close()
    assert found == Found(["the database does not answer"], ["the clock is wrong"])
