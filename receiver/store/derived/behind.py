"""How far the derived tables are behind the events, for answers that read the rest themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.errors import NotDerivedYet
from receiver.store.derived.position import BOUNDS, NOTHING_BEHIND, SINCE, read_bounds
from receiver.store.derived.rows import read_rows

# Events of all devices that an answer reads beyond the derived ones. Measured with 12 800 of them:
# 7.6 ms for each answer; a projector so far behind is named instead (`as_of`). Behind a time are at
# least the events of the overlap.
TAIL_LIMIT = 10_000

# The device whose answers are derived last.
LAST_DEVICE = UUID(int=2**128 - 1)

BACKLOG = f"""
SELECT {BOUNDS},
    position_at, now(),
    derivation = 0 AND (rebuilt_below IS NULL OR rebuilt_below <= %(device)s),
    (
        SELECT count(*) FROM (
            SELECT FROM event
            WHERE stored_at >= epoch_at AND xact >= pg_snapshot_xmax(position::pg_snapshot)
            UNION ALL
            SELECT FROM event WHERE stored_at >= {SINCE}
            LIMIT %(limit)s
        ) AS behind
    )
FROM projection
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Behind:
    """The events that are not derived yet.

    Attributes:
        bounds: parameters of the condition that they meet; where there are too many to be read,
            no event meets it.
        as_of: every event that was acknowledged before is derived or meets the condition.
        asked_at: the database's clock.
        has_tail: whether there is any that an answer can read.
    """

    bounds: Mapping[str, object]
    as_of: datetime
    asked_at: datetime
    has_tail: bool


async def read_behind(connection: AsyncConnection, device_id: UUID) -> Behind:
    """Reads how far the derived tables are.

    Args:
        device_id: of the answer; `LAST_DEVICE`: it is about all devices.

    Raises:
        NotDerivedYet: the device is not derived for the first time yet.
    """
    found = await read_rows(connection, BACKLOG, device=device_id, limit=TAIL_LIMIT + 1)
    if not found or found[0][6]:
        raise NotDerivedYet("the answers about this device are still being derived")
    [(*bounds_row, position_at, asked_at, _, behind)] = found
    is_folded = behind <= TAIL_LIMIT
    bounds = read_bounds(bounds_row) if is_folded else NOTHING_BEHIND
    has_tail = is_folded and (behind > 0 or bounds["running"] != "{}")
    return Behind(bounds, asked_at if is_folded else position_at, asked_at, has_tail)
