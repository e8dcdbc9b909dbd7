"""The database of the commands of `receiver subscription`; no service needs to run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.app.database import Database
from receiver.settings.settings import Settings
from receiver.store.connections.engine import question_engine


@asynccontextmanager
async def open_engine(database: Database, settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Yields a pool of one connection."""
    engine = question_engine(
        database.conninfo,
        pool_size=1,
        statement_timeout_seconds=settings.query_timeout_seconds,
        prepare_threshold=settings.prepare_threshold,
    )
    try:
        yield engine
    finally:
        await engine.dispose()
