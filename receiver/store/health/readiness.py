"""Whether the database is there, migrated, and has a place for the next event."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import asking
from receiver.store.schema.partitions import ATTACHED, CURRENT_MONTH, missing_partitions
from receiver.store.schema.revisions import APPLIED, revision_head


async def unready_reasons(engine: AsyncEngine) -> Sequence[str]:
    """Why this process cannot store notifications now, in a sentence each; none when it can."""
    try:
        async with asking(engine) as connection:
            revisions = set((await connection.execute(text(APPLIED))).scalars())
            attached = set((await connection.execute(text(ATTACHED))).scalars())
            month = (await connection.execute(text(CURRENT_MONTH))).scalar_one()
    except Unavailable as error:
        migrated = not isinstance(error.__cause__, ProgrammingError)
        return ["the database cannot be reached" if migrated else "the database is not migrated"]
    reasons = []
    if revision_head() not in revisions:
        reasons.append("migrations are pending")
    if missing_partitions(attached, month, months_ahead=0):
        reasons.append("the partition of this month is missing")
    return reasons
