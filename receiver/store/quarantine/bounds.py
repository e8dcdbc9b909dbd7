"""The bounds of the quarantine in bytes and days; a full one refuses, and never drops."""

import asyncio
from collections import Counter
from typing import NoReturn

import structlog
from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import QuarantineFull
from receiver.store.connections.engine import asking
from receiver.store.quarantine.tables import quarantine

# Rows that one transaction deletes; bodies have up to 256 KiB, so a sweep never locks for long.
SWEEP_LIMIT = 200

# Age of a measurement that still counts; what was stored since is added.
REFRESH_SECONDS = 10

# The part of a share after which a process looks by how much the table has grown, whoever stored:
# all of them together exceed a bound by as much for each process. Measured: of the default share,
# this part takes 1,300 rows of 2 kB, and a look 0.1 milliseconds of the database.
UNSEEN_PART = 0.01

# The rows are measured again after so many times as long as it took: a twentieth of a core, however
# many rows there are.
REST_FACTOR = 20

# What a row takes beside its texts: its header, its fixed columns and its entries in two indexes.
# Measured with `pg_total_relation_size` over 10,000 rows.
ROW_BYTES = 150

# Takes a few stat() calls, but counts room that was freed inside the table too.
SIZE_ON_DISK = "SELECT pg_total_relation_size('quarantine')"

# Reads the rows and not the bodies outside of them; asked only when the table is larger than what
# one credential may fill.
_SIZE_OF_ROW = ROW_BYTES + sum(
    (
        func.coalesce(func.pg_column_size(column), 0)
        for column in (
            quarantine.c.body,
            quarantine.c.headers,
            quarantine.c.reason,
            quarantine.c.media_type,
            quarantine.c.credential,
        )
    ),
    start=literal(0),
)
SIZE_BY_CREDENTIAL = select(quarantine.c.credential, func.sum(_SIZE_OF_ROW)).group_by(
    quarantine.c.credential
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
    """Gives room up to a limit, of all credentials and of each, and makes room by sweeping.

    Args:
        limit_bytes: of all entries together.
        share: the part of it that one credential may fill.
        age_limit_days: age at which an entry is deleted, counted from its arrival.

    Attributes:
        crowded: set when it is full, so that it is swept at once.
    """

    def __init__(
        self, engine: AsyncEngine, *, limit_bytes: int, share: float, age_limit_days: int
    ) -> None:
        self._engine = engine
        self._limit_bytes = limit_bytes
        self._share_bytes = round(share * limit_bytes)
        self._age_limit_days = age_limit_days
        # At the last measurement: what is in use, and how large the table is. By credential it is
        # nothing where only the size of the table was measured, which is then below a share.
        self._in_use_bytes = self._on_disk_bytes = 0
        self._in_use_by: dict[str, int] = {}
        # Since then: what this process took, and the growth of the table at the last look, behind
        # which this process has taken some more.
        self._taken_by: Counter[str] = Counter()
        self._grown_bytes = self._unseen_bytes = 0
        self._are_rows_measured = False
        self._measured_at: float | None = None
        self._rest_seconds = 0.0
        self._measuring = asyncio.Lock()
        self.crowded = asyncio.Event()
        self._has_called_for_sweep = False
        self._log = structlog.get_logger(__name__)

    async def take_room(self, credential: str, size_bytes: int) -> None:
        """Takes room for what a credential sent; looks now and then how much there is.

        Args:
            size_bytes: of the rows, without compression.

        Raises:
            QuarantineFull: there is no room, or the credential has filled its share.
            Unavailable: the size cannot be asked.
        """
        async with self._measuring:
            if self._is_stale():
                await self._measure()
            elif self._unseen_bytes > UNSEEN_PART * self._share_bytes:
                self._grown_bytes = await self._read_size() - self._on_disk_bytes
                self._unseen_bytes = 0
            used_bytes, used_by_credential = self._used(credential)
            if not self._are_rows_measured and (
                used_bytes + size_bytes > self._limit_bytes
                or used_bytes + used_by_credential + size_bytes > self._share_bytes
            ):
                await self._measure_rows()
        used_bytes, used_by_credential = self._used(credential)
        if used_bytes + size_bytes > self._limit_bytes:
            self._refuse("the quarantine is full", credential)
        if used_by_credential + size_bytes > self._share_bytes:
            self._refuse("the credential has filled its share of the quarantine", credential)
        self._taken_by[credential] += size_bytes
        self._unseen_bytes += size_bytes

    def _used(self, credential: str) -> tuple[int, int]:
        """Returns what all credentials use, and what this one does.

        Of what other processes have taken since the measurement only the sum is known; each
        credential is believed to send to all of them alike.
        """
        taken_bytes = self._taken_by.total()
        grown_bytes = max(taken_bytes, self._grown_bytes + self._unseen_bytes)
        of_credential = self._taken_by[credential] * grown_bytes / max(taken_bytes, 1)
        return (
            self._in_use_bytes + grown_bytes,
            self._in_use_by.get(credential, 0) + round(of_credential),
        )

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
        if self._measured_at is None:
            return True
        age_seconds = asyncio.get_running_loop().time() - self._measured_at
        return age_seconds > max(REFRESH_SECONDS, self._rest_seconds)

    def _refuse(self, reason: str, credential: str) -> NoReturn:
        # Once for each measurement: a sweep that frees nothing is not repeated for each
        # notification that finds the quarantine full.
        if not self._has_called_for_sweep:
            self._has_called_for_sweep = True
            self.crowded.set()
        self._log.warning("quarantine full", reason=reason, credential=credential)
        raise QuarantineFull(reason)

    async def _measure(self) -> None:
        """Measures the table, which is hardly ever larger than a share; then no share is full."""
        size_bytes = await self._read_size()
        self._begin_from(size_bytes, size_bytes, {})
        self._are_rows_measured = False
        self._has_called_for_sweep = False
        self._measured_at = asyncio.get_running_loop().time()
        self._rest_seconds = 0.0

    async def _measure_rows(self) -> None:
        """Measures what is in use of the table, by credential."""
        time = asyncio.get_running_loop().time
        began_at = time()
        size_bytes = await self._read_size()
        async with asking(self._engine) as connection:
            rows = (await connection.execute(SIZE_BY_CREDENTIAL)).all()
        used_by = {name: int(size) for name, size in rows}
        used_bytes = min(size_bytes, sum(used_by.values()))
        self._begin_from(used_bytes, size_bytes, used_by)
        self._are_rows_measured = True
        self._rest_seconds = REST_FACTOR * (time() - began_at)

    def _begin_from(self, used_bytes: int, size_bytes: int, used_by: dict[str, int]) -> None:
        self._in_use_bytes, self._on_disk_bytes, self._in_use_by = used_bytes, size_bytes, used_by
        self._taken_by.clear()
        self._grown_bytes = self._unseen_bytes = 0

    async def _read_size(self) -> int:
        async with asking(self._engine) as connection:
            return int((await connection.exec_driver_sql(SIZE_ON_DISK)).scalar_one())
