"""How far the derived tables are behind the events, for answers that read the rest themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.errors import NotDerivedYet
from receiver.store.derived.rows import read_rows

# Events of all devices that an answer reads beyond the derived ones. Measured with 12 800 of them:
# 7.6 ms for each answer; a projector so far behind is named instead (`as_of`).
TAIL_LIMIT = 10_000

# The device whose answers are derived last.
LAST_DEVICE = UUID(int=2**128 - 1)

BACKLOG = """
SELECT pg_snapshot_xmax(position::pg_snapshot)::text,
    ARRAY(SELECT pg_snapshot_xip(position::pg_snapshot))::text,
    epoch_at, position_at, now(),
    derivation = 0 AND (rebuilt_below IS NULL OR rebuilt_below <= %(device)s),
    (
        SELECT count(*) FROM (
            SELECT FROM event
            WHERE stored_at >= epoch_at AND xact >= pg_snapshot_xmax(position::pg_snapshot)
            LIMIT %(limit)s
        ) AS behind
    )
FROM projection
"""

LAST_TRANSACTION = str(2**64 - 1)


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
    if not found or found[0][5]:
        raise NotDerivedYet("the answers about this device are still being derived")
    [(xmax, running, epoch_at, position_at, asked_at, _, behind)] = found
    is_folded = behind <= TAIL_LIMIT
    # Without the tail: nothing is behind the end of all transactions.
    bounds = {
        "epoch_at": epoch_at,
        "xmax": xmax if is_folded else LAST_TRANSACTION,
        "running": running if is_folded else "{}",
    }
    has_tail = is_folded and (behind > 0 or running != "{}")
    return Behind(bounds, asked_at if is_folded else position_at, asked_at, has_tail)
