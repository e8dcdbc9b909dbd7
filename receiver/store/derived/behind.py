"""How far the derived tables are behind the events, for answers that read the rest themselves."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection

from receiver.errors import NotDerivedYet
from receiver.store.derived.position import (
    BOUNDS,
    LATELY,
    OF_CLUSTER,
    SINCE,
    STORED_SINCE,
    list_conditions,
    read_bounds,
    read_running,
)
from receiver.store.derived.rows import PLAN_ONCE, Question, Rows, read_together

# Events of all devices that an answer reads beyond the derived ones: 2 ms of Postgres. A projector
# so far behind is named instead (`as_of`).
TAIL_LIMIT = 2_000

# The same behind a time, where all events of the overlap are behind it.
OVERLAP_LIMIT = 10_000

# How long a position is remembered that events were behind: at full speed about a thousand more are
# behind it by then.
MEMORY_SECONDS = 0.2

# The device whose answers are derived last.
LAST_DEVICE = UUID(int=2**128 - 1)

# What began since the position, and is not restored from another cluster.
BEGUN = f"""stored_at >= (SELECT epoch_at FROM projection) AND {OF_CLUSTER}
    AND xact >= (SELECT pg_snapshot_xmax(position::pg_snapshot) FROM projection)"""  # noqa: S608

# The numbers of the first and of the last event tell about how many have begun: to count them took
# a third of what Postgres does for a status at full speed. Numbers that no event has count as well;
# at worst an answer is as of the position where it could have read the rest. The limit is no
# parameter, because Postgres would plan it anew for its value each time. The last column has the
# questions that follow in the transaction planned once, without a statement of its own.
BACKLOG = f"""
SELECT {BOUNDS}, greatest(epoch_at, {LATELY})::text AS lately,
    position_at, now() AS asked_at,
    derivation = 0 AND (rebuilt_below IS NULL OR rebuilt_below <= %(device)s) AS is_underived,
    (SELECT seq FROM event WHERE {BEGUN} ORDER BY event.xact LIMIT 1) AS begun_from,
    (SELECT seq FROM event WHERE {BEGUN} ORDER BY event.xact DESC LIMIT 1) AS begun_to,
    (
        SELECT count(*) FROM (
            SELECT stored_at FROM event
            WHERE stored_at >= (SELECT {SINCE} FROM projection) LIMIT {OVERLAP_LIMIT + 1}
        ) AS stored
    ) AS stored,
    CASE WHEN %(plans_once)s THEN ({PLAN_ONCE}) END AS plan
FROM projection
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Behind:
    """The events that are not derived yet.

    Attributes:
        conditions: each of the events meets one of them; none: there are none, or too many to be
            read.
        bounds: parameters of the conditions.
        as_of: every event that was acknowledged before is derived or among the events.
        asked_at: the database's clock.
    """

    conditions: tuple[str, ...]
    bounds: Mapping[str, object]
    as_of: datetime
    asked_at: datetime

    def covers(self, later: "Behind") -> bool:
        """Tells whether all events that are behind at a later time are among these.

        No, where it is not certain: events restored meanwhile have an epoch of their own.
        """
        if not later.conditions:
            return True
        if not self.conditions or STORED_SINCE in (*self.conditions, *later.conditions):
            return False
        mine, theirs = self.bounds, later.bounds
        end = int(str(mine["xmax"]))
        if mine["epoch_at"] != theirs["epoch_at"] or end > int(str(theirs["xmax"])):
            return False
        running = read_running(mine)
        return all(xact >= end or xact in running for xact in read_running(theirs))


class BehindMemory:
    """What was behind a moment ago: a question reads it together with how far it is now.

    The derived tables only come nearer to the events, so that what was behind covers what is.

    Args:
        timer: seconds that never go back.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._latest: Behind | None = None
        self._noted_at = 0.0

    def recall(self) -> Behind | None:
        """Returns what is likely to cover what is behind now; None: nothing is."""
        latest = self._latest
        if latest is None or STORED_SINCE in latest.conditions:
            return None
        if latest.conditions and self._timer() - self._noted_at > MEMORY_SECONDS:
            return None
        return latest

    def note(self, behind: Behind) -> None:
        """Remembers what was behind."""
        self._latest, self._noted_at = behind, self._timer()

    async def ask(
        self,
        connection: AsyncConnection,
        device_id: UUID,
        compose: Callable[[Behind], Sequence[Question]],
    ) -> tuple[Behind, list[Rows]]:
        """Reads what is behind, and the answers to questions that read it as well.

        That is one round trip where what is remembered covers what is behind, and else two.

        Args:
            device_id: as of `read_behind`.
            compose: makes the questions.

        Raises:
            NotDerivedYet: as `read_behind`.
        """
        recalled = self.recall()
        if recalled is None:
            behind = await read_behind(connection, device_id)
        else:
            # How far comes first: what is derived after it is read is then in both.
            how_far, *answers = await read_together(
                connection, ask_how_far(device_id), *compose(recalled)
            )
            behind = read_how_far(how_far)
        self.note(behind)
        if recalled is None or not recalled.covers(behind):
            answers = await read_together(connection, *compose(behind))
        return behind, answers


async def read_behind(
    connection: AsyncConnection, device_id: UUID, *, is_limited: bool = True
) -> Behind:
    """Reads how far the derived tables are.

    Args:
        device_id: of the answer; `LAST_DEVICE`: it is about all devices.
        is_limited: whether no more than `TAIL_LIMIT` events are read; False: all, for what must
            not miss one.

    Raises:
        NotDerivedYet: the device is not derived for the first time yet.
    """
    [rows] = await read_together(connection, ask_how_far(device_id))
    return read_how_far(rows, is_limited=is_limited)


def ask_how_far(device_id: UUID) -> Question:
    """Asks how far the derived tables are, as `read_behind` does, together with other questions."""
    return Question(BACKLOG, {"device": device_id}, plans=True)


def read_how_far(rows: Rows, *, is_limited: bool = True) -> Behind:
    """Returns what is behind the derived tables.

    Args:
        is_limited: as of `read_behind`.

    Raises:
        NotDerivedYet: as `read_behind`.
    """
    if not rows or rows[0].is_underived:
        raise NotDerivedYet("the answers about this device are still being derived")
    [row] = rows
    has_begun = row.begun_from is not None
    begun = row.begun_to - row.begun_from + 1 if has_begun else 0
    if is_limited and (begun > TAIL_LIMIT or row.stored > OVERLAP_LIMIT):
        return Behind((), {}, row.position_at, row.asked_at)
    bounds = read_bounds(row)
    if not has_begun and not row.stored and bounds["running"] == "{}":
        return Behind((), {}, row.asked_at, row.asked_at)
    bounds["lately"] = row.lately
    return Behind(list_conditions(bounds), bounds, row.asked_at, row.asked_at)
