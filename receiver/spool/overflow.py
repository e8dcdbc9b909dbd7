"""What the database does not take in time goes into the spool; once it does, directly."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from receiver.errors import ContentRejected, ReceiverError, Unavailable
from receiver.events.event import Arrival
from receiver.settings.spool import SpoolSettings
from receiver.spool.folder import open_folder
from receiver.spool.records import Record
from receiver.spool.spool import Spool, SpoolBounds
from receiver.store.quarantine.rows import NewRow


def open_overflow(
    settings: SpoolSettings,
    *,
    namespace: Callable[[], UUID],
    clock: Callable[[], datetime],
    count: Callable[[str, int], None] = lambda _outcome, _number: None,
) -> "Overflow | None":
    """Returns the way into the spool of this process; None: the settings name none.

    Raises:
        ConfigurationError: the folder cannot be used.
    """
    if settings.spool_dir is None:
        return None
    open_folder(settings.spool_dir)
    bounds = SpoolBounds(
        limit_bytes=settings.spool_limit_bytes, reserve_bytes=settings.spool_reserve_bytes
    )
    spool = Spool(settings.spool_dir, bounds, namespace=namespace, clock=clock)
    return Overflow(spool, count=count)


class Overflow:
    """The way around a database that is away, and back.

    It is open from the first batch that goes into the spool until a commit succeeds. While it is
    open, batches do not wait for the database at all, as senders and their connections would.

    Args:
        count: takes what became of notifications, a word of the metrics, and of how many.

    Attributes:
        count: the same.
        opened: set when the way is opened, and the drain has something to do.
    """

    def __init__(self, spool: Spool, *, count: Callable[[str, int], None]) -> None:
        self.spool = spool
        self.count = count
        self._is_failing = False
        self.is_open = False
        self.opened = asyncio.Event()
        self._log = structlog.get_logger(__name__)

    @property
    def takes(self) -> bool:
        """Whether the last batch for the spool found its place, and the next one would."""
        return self.spool.has_room and not self._is_failing

    def excuse(self, reasons: list[str], *, is_away: bool) -> tuple[list[str], list[str]]:
        """Tells what keeps notifications from being taken from what does not, for readiness.

        Args:
            reasons: why they cannot be stored, or must not be; in sentences.
            is_away: whether the database is among them.

        Returns:
            The reasons that remain, and the warnings.
        """
        if is_away and self.takes:
            return [], [*reasons, "notifications are kept in the spool meanwhile"]
        contents = self.spool.contents
        if contents is not None and contents.files:
            return reasons, ["notifications wait in the spool; no answer knows them yet"]
        return reasons, []

    async def store(self, batch: Sequence[Arrival], commit: Callable[[], Awaitable[None]]) -> None:
        """Commits a batch, or makes it durable in the spool.

        Raises:
            ContentRejected: the batch has something that cannot be stored.
            ReceiverError: of the commit; the spool did not take the batch either.
        """
        may_have_room = not self.is_open
        if self.is_open and await self._append(batch):
            return
        try:
            await commit()
        except ContentRejected:
            raise
        except ReceiverError as error:
            if not may_have_room or not await self._append(batch):
                self.count("failed", len(batch))
                raise
            self._open(error)
        else:
            self.close()

    async def keep(self, rows: Sequence[NewRow]) -> None:
        """Makes refused bodies durable in the spool.

        Raises:
            Unavailable: the spool does not take them.
        """
        if not await self._append(rows):
            self.count("failed", len(rows))
            raise Unavailable("refused notifications can be kept nowhere")
        self.opened.set()

    def close(self) -> None:
        """Notes that the database commits: batches go to it directly."""
        if self.is_open:
            self.is_open = False
            self._log.info("the database commits again; what is in the spool is drained")

    async def _append(self, records: Sequence[Record]) -> bool:
        try:
            await self.spool.append(records)
        except Unavailable as error:
            if not self._is_failing:
                self._log.error("the spool takes nothing", reason=str(error))
            self._is_failing = True
            return False
        self.count("spooled", len(records))
        self._is_failing = False
        return True

    def _open(self, error: ReceiverError) -> None:
        if not self.is_open:
            self._log.warning("notifications go into the spool", reason=str(error))
        self.is_open = True
        self.opened.set()
