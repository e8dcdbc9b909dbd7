"""Steps of the projection: each is one transaction that derives, and says how far it came.

The feed reads the events between two snapshots. A position is the snapshot that the derived tables
contain: an event is behind it when its transaction is not below the snapshot's end, or was running
then. So a transaction that commits late is never skipped, and one that stays open stops nothing.
The ids of transactions mean something in one cluster only: in another one (a restored dump) a new
epoch begins, in which the feed reads what is stored from then on and a rebuild derives the rest.

The row of `projection` is locked for each step: of several projectors one works, and the lock of
one that died is gone with its transaction.
"""

from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from receiver.errors import DatabaseAway
from receiver.store.connections.database import connect_async
from receiver.store.derived.derivation import BEHIND, DERIVATION, OF_CLUSTER, derive

# Events of one step. Measured per event (CPU of Postgres): 45 microseconds in steps of 500, 27 in
# steps of 4000; larger steps would keep readers from the newest status for longer.
STEP_EVENTS = 4000

# The limit of one statement; one over the busiest devices took five, on cold pages.
STATEMENT_SECONDS = 60.0

# Transactions that run while an epoch begins store events with an earlier time; none takes longer.
EPOCH_MARGIN = "10 minutes"

BEGIN = f"""
INSERT INTO projection (
    position, position_at, system_identifier, epoch_at, derivation, rebuilding, rebuilt_below
)
SELECT pg_current_snapshot()::text, now(), system_identifier, now() - interval '{EPOCH_MARGIN}',
    0, {DERIVATION}, NULL
FROM pg_control_system()
ON CONFLICT DO NOTHING
"""  # noqa: S608 - composed of constants

IS_ELSEWHERE = "system_identifier <> (SELECT system_identifier FROM pg_control_system())"
IS_OUTDATED = f"(derivation < {DERIVATION} AND rebuilding IS DISTINCT FROM {DERIVATION})"

# A look that writes nothing, so that an idle service leaves its database alone.
HAS_WORK = f"""
SELECT {IS_ELSEWHERE} OR {IS_OUTDATED} OR rebuilding IS NOT NULL OR EXISTS (
    SELECT FROM event
    WHERE stored_at >= projection.epoch_at AND {OF_CLUSTER}
        AND xact >= (SELECT pg_snapshot_xmax(position::pg_snapshot) FROM projection)
) OR EXISTS (
    SELECT FROM event
    WHERE stored_at >= projection.epoch_at
        AND xact = ANY(ARRAY(SELECT pg_snapshot_xip(position::pg_snapshot) FROM projection))
)
FROM projection
"""  # noqa: S608 - composed of constants

# A derivation of a newer release is left to that release.
LOCK = f"""
SELECT
    pg_snapshot_xmax(position::pg_snapshot)::text AS xmax,
    ARRAY(SELECT pg_snapshot_xip(position::pg_snapshot))::text AS running,
    epoch_at, rebuilding, rebuilt_below, {IS_ELSEWHERE}, {IS_OUTDATED}
FROM projection
WHERE greatest(derivation, rebuilding) <= {DERIVATION}
FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - composed of constants

NEW_EPOCH = f"""
UPDATE projection SET
    position = pg_current_snapshot()::text, position_at = now(), system_identifier = (
        SELECT system_identifier FROM pg_control_system()
    ), epoch_at = now() - interval '{EPOCH_MARGIN}', rebuilding = {DERIVATION}, rebuilt_below = NULL
"""  # noqa: S608 - composed of constants

START_REBUILD = f"UPDATE projection SET rebuilding = {DERIVATION}, rebuilt_below = NULL"  # noqa: S608

# The end of a step: the transaction of the event that is one too many, in the order of the feed,
# and when it was stored: the earlier ones were before.
FIND_END = f"""
SELECT xact::text, stored_at FROM event
WHERE stored_at >= %(epoch_at)s AND xact >= %(xmax)s::xid8 AND {OF_CLUSTER}
ORDER BY event.xact OFFSET %(limit)s LIMIT 1
"""  # noqa: S608 - composed of constants

# The new position is the snapshot of this very statement, or with an `end` the same without the
# transactions from `end` on. The bounds come as values, because the planner must see them.
UP_TO_END = f"{OF_CLUSTER} AND (%(end)s::xid8 IS NULL OR xact < %(end)s::xid8)"
STEP = f"""
WITH {derive(BEHIND, UP_TO_END)}, next AS (
    SELECT coalesce(%(end)s::xid8, pg_snapshot_xmax(pg_current_snapshot())) AS xmax
), running AS (
    SELECT xip FROM pg_snapshot_xip(pg_current_snapshot()) AS xip, next WHERE xip < next.xmax
)
UPDATE projection SET position_at = coalesce(%(end_at)s::timestamptz, now()), position = concat(
    coalesce((SELECT min(xip) FROM running), next.xmax), ':', next.xmax, ':',
    (SELECT string_agg(xip::text, ',' ORDER BY xip) FROM running)
)
FROM next
"""  # noqa: S608 - composed of constants

# The end of a range of devices: the one behind so many events, or the one after the first where
# that alone has as many.
FIND_RANGE = """
SELECT device_id FROM event WHERE device_id >= %(low)s ORDER BY device_id OFFSET %(limit)s LIMIT 1
"""
FIND_NEXT = "SELECT device_id FROM event WHERE device_id > %(low)s ORDER BY device_id LIMIT 1"

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
WITH {derive([IN_RANGE])}
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
    """

    def __init__(
        self, conninfo: str, *, statement_timeout_seconds: float, prepare_threshold: int | None
    ) -> None:
        self._conninfo = conninfo
        self._statement_timeout_seconds = statement_timeout_seconds
        self._prepare_threshold = prepare_threshold
        self._connection: AsyncConnection | None = None
        self._is_behind = True

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
            if not await read_first(connection, HAS_WORK, {}):
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
            await self._connection.execute(BEGIN)
        return self._connection

    async def _step(self, connection: AsyncConnection, limit: int) -> bool:
        row = await (await connection.execute(LOCK)).fetchone()
        if row is None:
            return False
        xmax, running, epoch_at, rebuilding, rebuilt_below, is_elsewhere, is_outdated = row
        if is_elsewhere or is_outdated:
            await connection.execute(NEW_EPOCH if is_elsewhere else START_REBUILD)
            return True
        bounds = {"epoch_at": epoch_at, "xmax": xmax, "running": running, "limit": limit}
        end, end_at = None, None
        if self._is_behind:
            found = await (await connection.execute(FIND_END, bounds)).fetchone()
            if found is not None:
                # At least one transaction, however many events it stored.
                end, end_at = str(max(int(found[0]), int(xmax) + 1)), found[1]
        await connection.execute(STEP, {**bounds, "end": end, "end_at": end_at})
        self._is_behind = end is not None
        if rebuilding is not None:
            await self._rebuild(connection, rebuilt_below or LOWEST, limit)
        return self._is_behind or rebuilding is not None

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
