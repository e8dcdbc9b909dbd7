"""How large and how old the quarantine may become; a full one refuses, it never drops."""

import asyncio

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import asking
from receiver.store.quarantine.tables import quarantine

SWEEP_LIMIT = 200

# How long a look at the size is believed; what this process keeps meanwhile is counted on top.
REFRESH_SECONDS = 10

# A few stat() calls; but room that was freed inside the table still counts.
SIZE_ON_DISK = "SELECT pg_total_relation_size('quarantine')"

# Reads the rows, not the bodies outside of them; only asked when the table is large.
SIZE_OF_ROWS = select(
    func.coalesce(
        func.sum(
            func.pg_column_size(quarantine.c.body) + func.pg_column_size(quarantine.c.headers)
        ),
        0,
    )
)

# A row that is being reprocessed is locked, and another process may sweep at this moment.
SWEEP_STORED = """
DELETE FROM quarantine WHERE id IN (
    SELECT id FROM quarantine WHERE state = 'stored' ORDER BY id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
"""
SWEEP_OLD = """
DELETE FROM quarantine WHERE id IN (
    SELECT id FROM quarantine WHERE received_at < now() - make_interval(days => %(days)s)
    ORDER BY received_at, id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
"""


class QuarantineBounds:
    """Gives room while there is some, and makes room.

    Args:
        limit_bytes: what all kept bodies and headers may take.
        age_limit_days: when a refused notification is deleted, counted from its arrival.

    Attributes:
        crowded: set when it is full, so that it is swept at once.
    """

    def __init__(self, engine: AsyncEngine, *, limit_bytes: int, age_limit_days: int) -> None:
        self._engine = engine
        self._limit_bytes = limit_bytes
        self._age_limit_days = age_limit_days
        self._used_bytes = 0
        self._measured_at: float | None = None
        self._measuring = asyncio.Lock()
        self.crowded = asyncio.Event()
        self._has_called_for_sweep = False
        self._log = structlog.get_logger(__name__)

    async def take_room(self, size_bytes: int) -> None:
        """Returns when that much may be kept; cheap, because the size is measured now and then.

        Raises:
            Unavailable: it is full, or its size cannot be asked.
        """
        async with self._measuring:
            if self._is_stale():
                self._used_bytes = await self._size_bytes()
                self._measured_at = asyncio.get_running_loop().time()
                self._has_called_for_sweep = False
        if self._used_bytes + size_bytes > self._limit_bytes:
            # Once for each measurement: a sweep that frees nothing is not repeated for each
            # notification that finds the quarantine full.
            if not self._has_called_for_sweep:
                self._has_called_for_sweep = True
                self.crowded.set()
            self._log.warning("quarantine full", limit_bytes=self._limit_bytes)
            raise Unavailable("the quarantine is full")
        self._used_bytes += size_bytes

    async def sweep(self) -> int:
        """Deletes what reprocessing stored and what is too old, a few rows at a time.

        Returns:
            How many rows went.

        Raises:
            Unavailable: the database cannot be asked; what was deleted so far stays so.
        """
        swept = 0
        bounds = {"days": self._age_limit_days, "limit": SWEEP_LIMIT}
        for command in (SWEEP_STORED, SWEEP_OLD):
            deleted = SWEEP_LIMIT
            while deleted == SWEEP_LIMIT:
                async with asking(self._engine) as connection:
                    deleted = (await connection.exec_driver_sql(command, bounds)).rowcount
                swept += deleted
        if swept:
            self._measured_at = None
            self._log.info("quarantine swept", deleted=swept)
        return swept

    def _is_stale(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._measured_at is None or now - self._measured_at > REFRESH_SECONDS

    async def _size_bytes(self) -> int:
        async with asking(self._engine) as connection:
            on_disk = int((await connection.exec_driver_sql(SIZE_ON_DISK)).scalar_one())
            if on_disk < self._limit_bytes:
                return on_disk
            return min(on_disk, int((await connection.execute(SIZE_OF_ROWS)).scalar_one()))
