"""Steps of the projection: each is one transaction that derives, and says how far it came.

A step reads what is behind the position that it finds, whichever feed that is of, and leaves one of
its own feed. So a database changes its feed with the next step, and none of its events is read
later than otherwise. The ids of transactions mean something in one cluster only: in another one (a
restored dump) a new epoch begins for a snapshot, in which the feed reads what is stored from then
on and a rebuild derives the rest; a time means the same everywhere.

The row of `projection` is locked for each step: of several projectors one works, and the lock of
one that died is gone with its transaction.
"""

from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from receiver.errors import DatabaseAway
from receiver.store.connections.database import connect_async
from receiver.store.connections.silence import may_be_distributed
from receiver.store.derived.derivation import DERIVATION, FACTS, derive
from receiver.store.derived.position import BOUNDS, OF_CLUSTER, SINCE, read_bounds
from receiver.store.projector.feeds import (
    HAS_WORK_BY_TIME,
    OVERLAPPING,
    SNAPSHOT,
    Feed,
    compose_beginning,
    compose_new_epoch,
    compose_step,
    compose_step_to_end,
)

# Events of one step. Measured per event (CPU of Postgres): 38 microseconds in steps of 500, 31 in
# steps of 4000; larger steps would keep readers from the newest status for longer.
STEP_EVENTS = 4000

# A step may find so many times as many events as the one before, as where a peak begins: the rest
# between them is as many times as long as the step. The end of a smaller one is not looked for.
GROWTH = 4

# A step that found so many is followed at once by another, without a look for work: a fifth of what
# a small step takes of Postgres, and a quarter behind a pooler, where it is parsed each time.
BUSY_EVENTS = 10

# The limit of one statement; one over the busiest devices took five, on cold pages.
STATEMENT_SECONDS = 60.0

# A time is a position in every cluster.
IS_ELSEWHERE = """CASE WHEN position IS NULL THEN false
        ELSE system_identifier <> (SELECT system_identifier FROM pg_control_system())
    END"""
IS_OUTDATED = f"(derivation < {DERIVATION} AND rebuilding IS DISTINCT FROM {DERIVATION})"

# A look that writes nothing, so that an idle service leaves its database alone. Each part is a look
# into the start or the end of an index, whatever the planner takes the number of its events for: a
# transaction by equality, or a time that it does not know, may be half of a month to it, which it
# then reads from the beginning.
HAS_WORK = f"""
SELECT {IS_ELSEWHERE} OR {IS_OUTDATED} OR rebuilding IS NOT NULL OR EXISTS (
    SELECT FROM event
    WHERE stored_at >= projection.epoch_at AND {OF_CLUSTER}
        AND xact >= (SELECT pg_snapshot_xmax(position::pg_snapshot) FROM projection)
) OR EXISTS (
    SELECT FROM pg_snapshot_xip(position::pg_snapshot) AS running CROSS JOIN LATERAL (
        SELECT FROM event
        WHERE stored_at >= projection.epoch_at AND xact BETWEEN running AND running LIMIT 1
    ) AS late
) OR CASE WHEN position IS NULL THEN
    (SELECT stored_at FROM event ORDER BY stored_at DESC LIMIT 1) >= {SINCE}
ELSE false END
FROM projection
"""  # noqa: S608 - composed of constants

# Of the transaction of a step alone, as a pooler hands the session to others. A crash may lose the
# step together with its position, and the next one derives the same, so that no step waits for the
# disk. A plan of a month that was empty would read one that is full from its beginning.
SETTINGS = """(
    SELECT set_config('synchronous_commit', 'off', true)
        || set_config('plan_cache_mode', 'force_custom_plan', true) IS NOT NULL
)"""

# A derivation of a newer release is left to that release.
LOCK = f"""
SELECT {BOUNDS}, position IS NULL, rebuilding, rebuilt_below, {IS_ELSEWHERE}, {IS_OUTDATED}
FROM projection
WHERE greatest(derivation, rebuilding) <= {DERIVATION} AND {SETTINGS}
FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - composed of constants

START_REBUILD = f"UPDATE projection SET rebuilding = {DERIVATION}, rebuilt_below = NULL"  # noqa: S608

# The end of a range of devices: the one behind so many events, or the one after the first where
# that alone has as many.
FIND_RANGE = f"""
SELECT device_id FROM {FACTS} WHERE device_id >= %(low)s ORDER BY device_id OFFSET %(limit)s LIMIT 1
"""  # noqa: S608 - composed of constants
FIND_NEXT = f"SELECT device_id FROM {FACTS} WHERE device_id > %(low)s ORDER BY device_id LIMIT 1"  # noqa: S608

IN_RANGE = "device_id >= %(low)s AND (%(high)s::uuid IS NULL OR device_id < %(high)s)"

# What older logic derived wrongly would outlive a merge.
FORGET = f"""
WITH forgotten_status AS (
    DELETE FROM device_status WHERE {IN_RANGE}
), forgotten_subscription AS (
    DELETE FROM subscription WHERE {IN_RANGE}
)
DELETE FROM device_identifier WHERE {IN_RANGE}
"""  # noqa: S608 - composed of constants

REBUILD = f"""
WITH {derive([IN_RANGE], source=FACTS)}
UPDATE projection SET
    rebuilt_below = %(high)s,
    derivation = CASE WHEN %(high)s::uuid IS NULL THEN rebuilding ELSE derivation END,
    rebuilding = CASE WHEN %(high)s::uuid IS NOT NULL THEN rebuilding END
"""  # noqa: S608 - composed of constants

LOWEST = UUID(int=0)


class Projection:
    """Derives over a connection of its own, which is made anew after any error.

    Args:
        conninfo: in any form that libpq reads; a transaction pooler may stand between.
        statement_timeout_seconds: limit of each statement.
        feed: of the positions that its steps leave.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        statement_timeout_seconds: float,
        prepare_threshold: int | None,
        feed: Feed = SNAPSHOT,
    ) -> None:
        self._conninfo = conninfo
        self._statement_timeout_seconds = statement_timeout_seconds
        self._prepare_threshold = prepare_threshold
        self._feed = feed
        self._connection: AsyncConnection | None = None
        self._may_exceed = True
        self._is_busy = False

    async def derive_all(self) -> None:
        """Derives what is stored by now, unless another process does.

        Raises:
            DatabaseAway: as `derive`.
        """
        while await self.derive():
            pass

    async def derive(self, limit: int = STEP_EVENTS) -> bool:
        """Derives from the next events of the feed, and from a range of devices if it rebuilds.

        Args:
            limit: events of one step, about.

        Returns:
            Whether there is certainly more to do; False also where another process derives, or the
            database is of a newer release.

        Raises:
            DatabaseAway: the database is away, too slow or not migrated; nothing was derived.
        """
        try:
            connection = await self._connected()
            has_work = HAS_WORK_BY_TIME if may_be_distributed(connection) else HAS_WORK
            if not (self._is_busy or await read_first(connection, has_work, {})):
                return False
            async with connection.transaction():
                return await self._step(connection, limit)
        except (psycopg.Error, OSError) as error:
            await self.close()
            sqlstate = getattr(error, "sqlstate", None)
            suffix = "" if sqlstate is None else f" (SQLSTATE {sqlstate})"
            raise DatabaseAway(f"the projection cannot go on{suffix}") from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Closes the connection; the next step makes another."""
        self._is_busy = False
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connected(self) -> AsyncConnection:
        if self._connection is None:
            self._connection = await connect_async(
                self._conninfo,
                statement_timeout_seconds=self._statement_timeout_seconds,
                prepare_threshold=self._prepare_threshold,
            )
            await self._connection.execute(compose_beginning(self._feed))
            # A step that failed may have been too large.
            self._may_exceed = True
        return self._connection

    async def _step(self, connection: AsyncConnection, limit: int) -> bool:
        self._is_busy = False
        row = await (await connection.execute(LOCK)).fetchone()
        if row is None:
            # Whoever holds it may derive nothing meanwhile.
            self._may_exceed = True
            return False
        *bounds_row, is_time, rebuilding, rebuilt_below, is_elsewhere, is_outdated = row
        if is_elsewhere or is_outdated:
            new_epoch = compose_new_epoch(self._feed)
            await connection.execute(new_epoch if is_elsewhere else START_REBUILD)
            return True
        bounds = {**read_bounds(bounds_row), "limit": limit}
        found = OVERLAPPING if is_time else SNAPSHOT
        end = None
        # Each step reads the overlap; what lies before it is read in parts.
        if self._may_exceed or is_time:
            end = await (await connection.execute(found.find_end, bounds)).fetchone()
        if end is None:
            events = await read_first(connection, compose_step(self._feed), bounds)
            self._may_exceed = GROWTH * events > limit
            self._is_busy = events >= BUSY_EVENTS
        else:
            to_end = {**bounds, "end": end[0], "end_at": end[1]}
            await connection.execute(compose_step_to_end(found), to_end)
            self._may_exceed = self._is_busy = True
        if rebuilding is not None:
            await self._rebuild(connection, rebuilt_below or LOWEST, limit)
        return end is not None or rebuilding is not None

    async def _rebuild(self, connection: AsyncConnection, low: UUID, limit: int) -> None:
        high = await read_first(connection, FIND_RANGE, {"low": low, "limit": limit})
        if high == low:
            high = await read_first(connection, FIND_NEXT, {"low": low})
        await connection.execute(FORGET, {"low": low, "high": high})
        await connection.execute(REBUILD, {"low": low, "high": high})


async def read_first(
    connection: AsyncConnection, statement: str, parameters: dict[str, Any]
) -> Any:
    """Returns the first column of the first row; None: there is no row."""
    row = await (await connection.execute(statement, parameters)).fetchone()
    return None if row is None else row[0]
