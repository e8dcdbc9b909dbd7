"""The clock of the database beside the clock of this machine."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import asking
from receiver.store.schema.partitions import tell_clock

NOW = "SELECT clock_timestamp()"


async def clock_warnings(engine: AsyncEngine) -> Sequence[str]:
    """Returns a sentence if the clocks differ by days; none where the database does not answer."""
    try:
        async with asking(engine) as connection:
            theirs: datetime = (await connection.exec_driver_sql(NOW)).scalar_one()
    except Unavailable:
        return []
    told = tell_clock(theirs, datetime.now(UTC))
    return [] if told is None else [told]
