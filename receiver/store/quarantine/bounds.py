"""How large and how old the quarantine may become; a full one refuses, it never drops."""

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.connections.engine import asking

DAY_SECONDS = 86_400
RETRY_SECONDS = 300
SWEEP_LIMIT = 200

# How long a look at the size is believed; what this process keeps meanwhile is counted on top.
REFRESH_SECONDS = 10

# A few stat() calls; but room that was freed inside the table still counts.
SIZE_ON_DISK = "SELECT pg_total_relation_size('quarantine')"

# Reads the rows, not the bodies outside of them; only asked when the table is large.
SIZE_OF_ROWS = """
SELECT coalesce(sum(pg_column_size(body) + pg_column_size(headers)), 0)::bigint FROM quarantine
"""

# A row that is being reprocessed is locked, and another process may sweep at this moment.
SWEEP_STORED = """
DELETE FROM quarantine WHERE id IN (
    SELECT id FROM quarantine WHERE state = 'stored' ORDER BY id LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
"""
SWEEP_OLD = """
DELETE FROM quarantine WHERE id IN (
    SELECT id FROM quarantine WHERE received_at < now() - make_interval(days => :days)
    ORDER BY received_at, id LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
"""


class QuarantineBounds:
    """Gives room while there is some, and makes room.

    Args:
        limit_bytes: what all kept bodies and headers may take.
        age_limit_days: when a refused notification is deleted, counted from its arrival.
    """

    def __init__(self, engine: AsyncEngine, *, limit_bytes: int, age_limit_days: int) -> None:
        self._engine = engine
        self._limit_bytes = limit_bytes
        self._age_limit_days = age_limit_days
        self._used_bytes = 0
        self._measured_at: float | None = None
        self._measuring = asyncio.Lock()
        self._crowded = asyncio.Event()
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
        if self._used_bytes + size_bytes > self._limit_bytes:
            self._crowded.set()
            self._log.warning("quarantine full", limit_bytes=self._limit_bytes)
            raise Unavailable("the quarantine is full")
        self._used_bytes += size_bytes

    async def keep_swept(self) -> None:
        """Sweeps for ever: now, daily, when it gets crowded, and sooner again after a failure."""
        while True:
            pause_seconds = DAY_SECONDS
            try:
                swept = await self.sweep()
            except Unavailable as error:
                self._log.warning("quarantine not swept", reason=str(error))
                pause_seconds = RETRY_SECONDS
            else:
                if swept:
                    self._log.info("quarantine swept", deleted=swept)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._crowded.wait(), pause_seconds)
            self._crowded.clear()

    async def sweep(self) -> int:
        """Deletes what reprocessing stored and what is too old, a few rows at a time.

        Returns:
            How many rows went.

        Raises:
            Unavailable: the database cannot be asked; what was deleted so far stays so.
        """
        swept = 0
        for statement in (
            text(SWEEP_STORED),
            text(SWEEP_OLD).bindparams(days=self._age_limit_days),
        ):
            deleted = SWEEP_LIMIT
            while deleted == SWEEP_LIMIT:
                async with asking(self._engine) as connection:
                    result = await connection.execute(statement, {"limit": SWEEP_LIMIT})
                deleted = result.rowcount
                swept += deleted
        if swept:
            self._measured_at = None
        return swept

    def _is_stale(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._measured_at is None or now - self._measured_at > REFRESH_SECONDS

    async def _size_bytes(self) -> int:
        async with asking(self._engine) as connection:
            on_disk = int((await connection.execute(text(SIZE_ON_DISK))).scalar_one())
            if on_disk < self._limit_bytes:
                return on_disk
            return min(on_disk, int((await connection.execute(text(SIZE_OF_ROWS))).scalar_one()))
