"""Readiness of the database: it answers, is migrated, and has a partition for the next event."""

from collections.abc import Sequence

from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import asking
from receiver.store.schema.partitions import COVERAGE, Coverage
from receiver.store.schema.revisions import APPLIED, revision_head


async def unready_reasons(engine: AsyncEngine) -> Sequence[str]:
    """Returns why no notification can be stored now, in a sentence each; none when it can."""
    try:
        async with asking(engine) as connection:
            revisions = set((await connection.exec_driver_sql(APPLIED)).scalars())
            coverage = Coverage.read((await connection.exec_driver_sql(COVERAGE)).one())
    except Unavailable as error:
        if isinstance(error.__cause__, ProgrammingError):
            return ["the database is not migrated"]
        return ["the database cannot be reached"]
    reasons = []
    if revision_head() not in revisions:
        reasons.append("migrations are pending")
    if coverage.months_ahead < 0:
        reasons.append("the partition of this month is missing")
    return reasons
