"""How far the derived tables are behind the events, for answers that read the rest themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection

from receiver.errors import NotDerivedYet
from receiver.store.derived.position import BOUNDS, NOTHING_BEHIND, SINCE, read_bounds
from receiver.store.derived.rows import read_rows

# Events of all devices that an answer reads beyond the derived ones: 2 ms of Postgres. A projector
# so far behind is named instead (`as_of`).
TAIL_LIMIT = 2_000

# The same behind a time, where all events of the overlap are behind it.
OVERLAP_LIMIT = 10_000

# The device whose answers are derived last.
LAST_DEVICE = UUID(int=2**128 - 1)

BACKLOG = f"""
SELECT {BOUNDS},
    position_at, now() AS asked_at,
    derivation = 0 AND (rebuilt_below IS NULL OR rebuilt_below <= %(device)s) AS is_underived,
    (
        SELECT count(*) FROM (
            SELECT FROM event
            WHERE stored_at >= epoch_at AND xact >= pg_snapshot_xmax(position::pg_snapshot)
            LIMIT %(limit)s + 1
        ) AS begun
    ) AS begun,
    (
        SELECT count(*) FROM (
            SELECT FROM event WHERE stored_at >= {SINCE} LIMIT %(overlap_limit)s + 1
        ) AS stored
    ) AS stored
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
    limits = {"limit": TAIL_LIMIT, "overlap_limit": OVERLAP_LIMIT}
    found = await read_rows(connection, BACKLOG, device=device_id, **limits)
    if not found or found[0].is_underived:
        raise NotDerivedYet("the answers about this device are still being derived")
    [row] = found
    is_folded = row.begun <= TAIL_LIMIT and row.stored <= OVERLAP_LIMIT
    bounds = read_bounds(row) if is_folded else NOTHING_BEHIND
    has_tail = is_folded and (row.begun > 0 or row.stored > 0 or bounds["running"] != "{}")
    as_of = row.asked_at if is_folded else row.position_at
    return Behind(bounds, as_of, row.asked_at, has_tail)
