"""A spool in a folder of a test, over the commit that the test brings."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from receiver.errors import CommitRefused
from receiver.events.event import Arrival
from receiver.spool.draining import Drain
from receiver.spool.overflow import Overflow
from receiver.spool.records import Record, read_record
from receiver.spool.segments import read_file
from receiver.spool.spool import Spool, SpoolBounds
from receiver.store.quarantine.rows import NewRow

NAMESPACE = UUID("7d4a6b1c-90f2-4c3e-8a75-0d2f1e6b9c48")
MORNING = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ROOMY = SpoolBounds(limit_bytes=1_000_000_000, reserve_bytes=0)


def spool_in(folder: Path, bounds: SpoolBounds = ROOMY, namespace: UUID = NAMESPACE) -> Spool:
    """Returns a spool, whose files are begun in the morning."""
    folder.mkdir(mode=0o700, exist_ok=True)
    return Spool(folder, bounds, namespace=lambda: namespace, clock=lambda: MORNING)


def records_in(folder: Path) -> list[Record]:
    """Returns what lies in the files of a folder."""
    found: list[Record] = []
    for path in sorted(folder.glob("*.spool")):
        read = read_file(path)
        assert read is not None
        found += map(read_record, read.frames.records)
    return found


class Database:
    """Keeps what is committed and what is put into quarantine, once each by its arrival.

    Attributes:
        fault: raised by the next commits, and by the quarantine; None: they succeed.
        refuse: raises for a batch that holds what cannot be stored.
    """

    def __init__(self) -> None:
        self.stored: dict[str, Arrival] = {}
        self.quarantined: dict[str, NewRow] = {}
        self.batches: list[int] = []
        self.fault: Exception | None = None
        self.refuse: Callable[[Sequence[Arrival]], None] = lambda _batch: None

    async def commit(self, batch: Sequence[Arrival]) -> None:
        self.batches.append(len(batch))
        if self.fault is not None:
            raise self.fault
        self.refuse(batch)
        self.stored |= {arrival.arrival_id: arrival for arrival in batch}

    async def keep(self, row: NewRow) -> None:
        if self.fault is not None:
            raise self.fault
        self.quarantined[row.arrival_id] = row


class Way:
    """A spool with its two ends, and what was counted.

    Attributes:
        outcomes: by the word of the metrics, how many notifications.
    """

    def __init__(self, spool: Spool, database: Database, *, batch_limit: int = 100) -> None:
        self.outcomes: dict[str, int] = {}
        self.database = database
        self.spool = spool
        self.overflow = Overflow(spool, count=self._count)
        self.drain = Drain(
            self.overflow, commit=database.commit, keep=database.keep, batch_limit=batch_limit
        )

    def commit_of(self, batch: Sequence[Arrival]) -> Callable[[], Awaitable[None]]:
        """Returns what the writer would have commit a batch."""

        async def commit() -> None:
            await self.database.commit(batch)

        return commit

    async def store(self, batch: Sequence[Arrival]) -> None:
        """Stores a batch as the writer does."""
        await self.overflow.store(batch, self.commit_of(batch))

    def _count(self, outcome: str, number: int) -> None:
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + number


def away() -> CommitRefused:
    return CommitRefused("the database cannot be reached", "unreachable")
