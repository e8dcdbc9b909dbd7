"""The bounds of the quarantine in bytes and days; a full one refuses, and never drops."""

import asyncio

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import asking
from receiver.store.quarantine.tables import quarantine

# Rows that one transaction deletes; bodies have up to 256 KiB, so a sweep never locks for long.
SWEEP_LIMIT = 200

# Age of a measurement that still counts; this process adds the bodies that it stored since. Other
# processes go unnoticed for as long, so the bound is exceeded by at most what they store in it.
REFRESH_SECONDS = 10

# Takes a few stat() calls, but counts room that was freed inside the table too.
SIZE_ON_DISK = "SELECT pg_total_relation_size('quarantine')"

# Reads the rows and not the bodies outside of them; asked only when the table is large.
SIZE_OF_ROWS = select(
    func.coalesce(
        func.sum(
            func.pg_column_size(quarantine.c.body) + func.pg_column_size(quarantine.c.headers)
        ),
        0,
    )
)

# Skips locked rows: one that is being parsed again, and those of another process's sweep.
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
    """Gives room up to a limit, and makes room by sweeping.

    Args:
        limit_bytes: of all bodies and headers together.
        age_limit_days: age at which an entry is deleted, counted from its arrival.

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
        """Takes room for a body; measures the table at most once in REFRESH_SECONDS.

        Raises:
            Unavailable: the quarantine is full, or its size cannot be asked.
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
        """Deletes stored entries and those that are too old, in small transactions.

        Returns:
            The number of deleted rows.

        Raises:
            Unavailable: the database cannot be asked; rows deleted so far stay deleted.
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
