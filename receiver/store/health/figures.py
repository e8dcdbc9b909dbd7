"""What operations watch in the database, each in bounded time however much is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import asking
from receiver.store.schema.partitions import ATTACHED, CURRENT_MONTH, months_ahead

TIMEOUT = "SET LOCAL statement_timeout = '2s'"

# In the order of the key, so that its index alone is read and not the bodies.
QUARANTINE_ROWS = """
SELECT count(*) FROM (SELECT FROM quarantine ORDER BY id LIMIT 10000) AS kept
"""

# The latest thousand, read backwards from the end of event_pkey: of all events it would be
# a scan of the table.
LATEST_ARRIVALS = """
SELECT credential, max(received_at)
FROM (
    SELECT credential, received_at FROM event ORDER BY stored_at DESC, seq DESC LIMIT 1000
) AS latest
GROUP BY credential
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """A look at the database.

    Attributes:
        quarantine_rows: counted up to 10000.
        partitions_ahead: months after this one that have a partition; -1: this one has none.
    """

    quarantine_rows: int
    partitions_ahead: int


async def read_figures(engine: AsyncEngine) -> Figures:
    """Looks.

    Raises:
        Unavailable: the database cannot be asked, or not in two seconds a question.
    """
    async with asking(engine) as connection:
        await connection.execute(text(TIMEOUT))
        rows = (await connection.execute(text(QUARANTINE_ROWS))).scalar_one()
        attached = set((await connection.execute(text(ATTACHED))).scalars())
        month = (await connection.execute(text(CURRENT_MONTH))).scalar_one()
    return Figures(quarantine_rows=rows, partitions_ahead=months_ahead(attached, month))


async def latest_arrivals(engine: AsyncEngine) -> Sequence[tuple[str, datetime]]:
    """When each credential was last heard of, as far as the latest thousand events tell.

    Raises:
        Unavailable: the database cannot be asked.
    """
    async with asking(engine) as connection:
        await connection.execute(text(TIMEOUT))
        rows = (await connection.execute(text(LATEST_ARRIVALS))).all()
    return [(credential, received_at) for credential, received_at in rows]
