"""Readiness of the database: it is migrated, has a partition for the next event, and stores it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import asking, sqlstate_of
from receiver.store.connections.faults import PARTITION_MISSING, UNREACHABLE, find_fault
from receiver.store.schema.partitions import COVERAGE, Coverage
from receiver.store.schema.revisions import APPLIED, unserved_revisions

# No row is stored, but Postgres refuses them as it would refuse the next event: on a standby, while
# transactions are read-only, and without the right. No transaction id is spent.
INSERTS_NOTHING = (
    "INSERT INTO event_identity (device_id) SELECT NULL::uuid WHERE false",
    "INSERT INTO event (device_id) SELECT NULL::uuid WHERE false",
)


async def unready_reasons(engine: AsyncEngine) -> Sequence[str]:
    """Returns why no notification can be stored now, in a sentence each; none when it can."""
    reasons = []
    try:
        async with asking(engine) as connection:
            revisions = set((await connection.exec_driver_sql(APPLIED)).scalars())
            # One that this code does not know is a newer release's, whose replicas take over.
            if not revisions or not revisions.isdisjoint(unserved_revisions()):
                reasons.append("migrations are pending")
            coverage = Coverage.read((await connection.exec_driver_sql(COVERAGE)).one())
            if coverage.months_ahead < 0:
                reasons.append(PARTITION_MISSING.sentence)
            for statement in INSERTS_NOTHING:
                await connection.exec_driver_sql(statement)
    except Unavailable as error:
        fault = find_fault(sqlstate_of(error.__cause__) or "") or UNREACHABLE
        reasons.append(fault.sentence)
    return reasons
