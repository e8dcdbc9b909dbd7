"""The commands ask the database themselves."""

import asyncio

from receiver.app.database import Database
from receiver.cli.subscription.database import open_engine
from receiver.settings.settings import Settings
from receiver.store.schema.installation import read_namespace
from tests.support.store.database import column


def test_the_engine_leads_to_the_database(database: str) -> None:
    async def read() -> str:
        async with open_engine(Database(database, database), Settings()) as engine:
            return str(await read_namespace(engine))

    assert [asyncio.run(read())] == column(database, "SELECT namespace FROM installation")
