"""The one row that makes this installation itself: the namespace of its device ids."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.engine import asking
from receiver.store.tables import installation


async def read_namespace(engine: AsyncEngine) -> UUID:
    """The secret namespace; the same for every replica and for ever."""
    async with asking(engine) as connection:
        namespace = (await connection.execute(select(installation.c.namespace))).scalar_one()
        return UUID(str(namespace))
