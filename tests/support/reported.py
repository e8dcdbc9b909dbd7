"""A database that holds the story of three devices, as who reports with SQL finds it."""

import asyncio

import psycopg

from receiver.store.connections.reporting import compose_url
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from tests.support.story import day, tell_story
from tests.support.urls import url_of

REGISTER = """
INSERT INTO subscription_registration (
    credential, subscription_id, registered_at, expires_at, types
) VALUES ('north', 's-2', %s, %s, '{}')
"""


def store_story(conninfo: str) -> str:
    """Stores the story and a registration; returns the URL of sessions for reports."""

    async def store() -> None:
        ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
        await ingest.commit(tell_story())
        await ingest.close()
        projection = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
        await projection.derive_all()
        await projection.close()

    asyncio.run(store())
    with psycopg.connect(conninfo) as connection:
        connection.execute(REGISTER, [day(12), day(-3)])
    return compose_url(url_of(conninfo))
