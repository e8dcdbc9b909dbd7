"""A clock of the database that is days wrong is a warning."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import question_engine
from receiver.store.health import clocks
from receiver.store.health.clocks import clock_warnings


async def test_clocks_that_agree_are_no_matter(engine: AsyncEngine) -> None:
    assert await clock_warnings(engine) == []


async def test_a_clock_that_is_months_ahead_is_told(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "NOW", "SELECT now() + interval '100 days 1 hour'")
    assert await clock_warnings(engine) == [
        "the clock of the database is 100 days ahead of the clock of this machine"
    ]


async def test_nothing_is_told_of_a_database_that_is_away() -> None:
    engine = question_engine(
        "postgresql://receiver@127.0.0.1:1/receiver",
        pool_size=1,
        statement_timeout_seconds=5,
        prepare_threshold=None,
    )
    assert await clock_warnings(engine) == []
    await engine.dispose()
