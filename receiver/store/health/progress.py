"""How far the projection is: its lag, the version of what is derived, and a rebuild's progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import asking

# The one question of operations that reads events; a month that is being made or dropped must not
# cost the others.
LIMIT_LOCKS = "SET LOCAL lock_timeout = '100ms'"

# From the events and not from the feed, so that it shows also a feed that reads nothing: how long
# the first event that was stored after the position waits. None: there is none. What the position
# sees is derived, although it may have been stored while the step began; no step begins for longer
# than the margin. Where the position is a time, it sees nothing: what came as the step began waits
# for the next one.
PROGRESS = """
SELECT extract(epoch FROM clock_timestamp() - (
    SELECT stored_at FROM event
    WHERE stored_at > (SELECT position_at FROM projection) AND (
        pg_visible_in_snapshot(
            xact, (SELECT position::pg_snapshot FROM projection)
        ) IS NOT TRUE
        OR stored_at > (SELECT position_at FROM projection) + interval '1 minute'
    )
    ORDER BY stored_at LIMIT 1
))::float8, derivation, rebuilding, rebuilt_below
FROM projection
"""

# Ids of devices are digests, so that as many lie below a bound as it is large.
IDS = 2**128

Rows = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the projection is.

    Attributes:
        lag_seconds: how long the oldest event waits to be derived; 0: none waits.
        derivation: the version of what all devices have; 0: not all are derived yet.
        rebuilding: the version that a rebuild makes; None: there is none.
        rebuilt_share: of the devices, 0 to 1.
    """

    lag_seconds: float
    derivation: int
    rebuilding: int | None = None
    rebuilt_share: float = 1.0


async def read_progress(engine: AsyncEngine) -> Progress | None:
    """Returns the progress; None: events cannot be read now, or no projection has ever begun."""
    try:
        async with asking(engine) as connection:
            await connection.exec_driver_sql(LIMIT_LOCKS)
            found: Rows = (await connection.exec_driver_sql(PROGRESS)).all()
    except Unavailable:
        return None
    if not found:
        return None
    [(lag, derivation, rebuilding, rebuilt_below)] = found
    return Progress(lag or 0.0, derivation, rebuilding, share_of(rebuilding, rebuilt_below))


def share_of(rebuilding: int | None, rebuilt_below: UUID | None) -> float:
    """Returns the share of the devices that a rebuild has done, 0 to 1.

    Args:
        rebuilding: the version that it makes; None: none is under way.
        rebuilt_below: the devices below are done; None: none is.
    """
    if rebuilding is None:
        return 1.0
    return 0.0 if rebuilt_below is None else rebuilt_below.int / IDS
