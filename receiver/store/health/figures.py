"""The figures that operations watch; each is read in bounded time however much is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import asking
from receiver.store.events.tables import event
from receiver.store.health.progress import Progress, read_progress
from receiver.store.quarantine.tables import quarantine
from receiver.store.schema.partitions import COVERAGE, Coverage

# Enough to see the quarantine grow; more rows would only make each scrape slower.
COUNTED_ROWS = 10_000
# Of all events it would be a scan of the table; senders at work are among the latest thousand.
COUNTED_ARRIVALS = 1000

# A scrape waits ten seconds by Prometheus's default, and these questions take milliseconds.
LIMIT_TIME = "SET LOCAL statement_timeout = '2s'"

# In the order of the key, so that the key's index alone is read and not the bodies.
QUARANTINE_ROWS = select(func.count()).select_from(
    select(quarantine.c.id).order_by(quarantine.c.id).limit(COUNTED_ROWS).subquery()
)

# Read backwards from the end of event_pkey.
_LATEST = (
    select(event.c.credential, event.c.received_at)
    .order_by(event.c.stored_at.desc(), event.c.seq.desc())
    .limit(COUNTED_ARRIVALS)
    .subquery()
)
LATEST_ARRIVALS = select(_LATEST.c.credential, func.max(_LATEST.c.received_at)).group_by(
    _LATEST.c.credential
)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one scrape.

    Attributes:
        quarantine_rows: counted up to 10000.
        partitions_ahead: months after this one that have a partition; -1: this one has none.
        progress: of the projection; None: events cannot be read now, because somebody holds a lock
            on them.
    """

    quarantine_rows: int
    partitions_ahead: int
    progress: Progress | None


async def read_figures(engine: AsyncEngine) -> Figures:
    """Reads the figures.

    Raises:
        Unavailable: the database cannot be asked, or a question took longer than two seconds.
    """
    async with asking(engine) as connection:
        await connection.exec_driver_sql(LIMIT_TIME)
        quarantine_rows = (await connection.execute(QUARANTINE_ROWS)).scalar_one()
        coverage = Coverage.read((await connection.exec_driver_sql(COVERAGE)).one())
    return Figures(quarantine_rows, coverage.months_ahead, await read_progress(engine))


async def latest_arrivals(engine: AsyncEngine) -> Sequence[tuple[str, datetime]]:
    """Returns when each credential sent last, as far as the latest thousand events tell.

    Raises:
        Unavailable: the database cannot be asked, or took longer than two seconds.
    """
    async with asking(engine) as connection:
        await connection.exec_driver_sql(LIMIT_TIME)
        rows = (await connection.execute(LATEST_ARRIVALS)).all()
    return [(credential, received_at) for credential, received_at in rows]
