"""The drain: what lies in the spool is committed, and only then removed."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import structlog

from receiver.errors import ContentRejected, ReceiverError, Unavailable
from receiver.events.event import Arrival
from receiver.spool.frames import End
from receiver.spool.overflow import Overflow
from receiver.spool.records import Record, read_record
from receiver.spool.segments import Segment, take
from receiver.store.quarantine.rows import NewRow

# Of the quarantine, which people read.
REASON = "answered 204 from the spool; holds something the database cannot store"

# The payload of an event is JSON of either form, whatever its sender announced.
_MEDIA_TYPE = "application/json"

_Entry = tuple[memoryview, Record]


class Drained(NamedTuple):
    """What became of the notifications in the files that no other process has.

    Attributes:
        stored: committed as events.
        quarantined: put into quarantine.
        left: still in the spool.
    """

    stored: int = 0
    quarantined: int = 0
    left: int = 0


class _Run:
    """What came of one run so far.

    Attributes:
        error: the latest; None: there was none.
        is_away: the database takes nothing now, and is not asked again in this run.
    """

    def __init__(self) -> None:
        self.stored = self.quarantined = self.left = 0
        self.error: ReceiverError | None = None
        self.is_away = False


class Drain:
    """Drains the spool as often as `run` is called.

    Args:
        commit: makes a batch durable, once each, however often it is tried.
        keep: puts a row into quarantine, once, however often it is tried.
        batch_limit: arrivals in one commit.
    """

    def __init__(
        self,
        overflow: Overflow,
        *,
        commit: Callable[[Sequence[Arrival]], Awaitable[None]],
        keep: Callable[[NewRow], Awaitable[None]],
        batch_limit: int,
    ) -> None:
        self._overflow = overflow
        self._spool = overflow.spool
        self._commit = commit
        self._keep = keep
        self._batch_limit = batch_limit
        self._log = structlog.get_logger(__name__)

    @property
    def wake(self) -> asyncio.Event:
        """Set when there is something to drain."""
        return self._overflow.opened

    async def run(self) -> Drained:
        """Drains all that this process may drain, for as long as the database takes it.

        Raises:
            ReceiverError: a record can neither be stored nor put into quarantine now; the others
                were drained all the same.
        """
        await self._spool.measure()
        try:
            return await self._run()
        finally:
            await self._spool.measure()

    async def _run(self) -> Drained:
        run = _Run()
        seen: set[Path] = set()
        while not run.is_away:
            found = [path for path in await self._spool.list_segments() if path not in seen]
            if not found and not await self._spool.seal():
                break
            for path in found:
                seen.add(path)
                if not run.is_away:
                    try:
                        await self._drain(path, run)
                    except Unavailable as error:  # of the disk, and of this file perhaps
                        run.error = error
        drained = Drained(run.stored, run.quarantined, run.left)
        if run.stored or run.quarantined:
            self._log.info("spool drained", **drained._asdict())
        if run.error is not None and not run.is_away:
            raise run.error
        return drained

    async def _drain(self, path: Path, run: _Run) -> None:
        mark = self._spool.mark
        with ExitStack() as stack:
            segment: Segment | None = await self._spool.run(
                partial(stack.enter_context, take(path, mark))
            )
            if segment is None:
                return
            records, end = segment.frames
            left: list[memoryview] = []
            for first in range(0, len(records), self._batch_limit):
                left += await self._drain_batch(records[first : first + self._batch_limit], run)
            run.left += len(left)
            if end is End.DAMAGED:
                if not left:
                    self._log.error("a damaged file of the spool is set aside", file=path.name)
                    await self._spool.run(segment.set_aside)
            elif not left:
                await self._spool.run(segment.remove)
            elif len(left) < len(records):
                # A disk that is full keeps them all; those that are stored count once.
                with suppress(Unavailable):
                    await self._spool.run(segment.keep_only, left)

    async def _drain_batch(self, batch: Sequence[memoryview], run: _Run) -> list[memoryview]:
        """Returns the records that stay in the spool."""
        if run.is_away:
            return list(batch)
        left: list[memoryview] = []
        entries: list[_Entry] = []
        for content in batch:
            try:
                entries.append((content, read_record(content)))
            except Exception as error:  # of a later release, and the others are owed their place
                self._note_unforeseen(error, run)
                left.append(content)
        left += await self._store(
            [entry for entry in entries if isinstance(entry[1], Arrival)], run
        )
        for content, record in entries:
            if isinstance(record, NewRow):
                left += await self._quarantine(content, record, run)
        return left

    async def _store(self, entries: Sequence[_Entry], run: _Run) -> list[memoryview]:
        """Commits arrivals as the writer does, but that a refused one has its 204 already."""
        if not entries:
            return []
        contents = [content for content, _ in entries]
        if run.is_away:
            return contents
        arrivals = [record for _, record in entries if isinstance(record, Arrival)]
        try:
            await self._commit(arrivals)
        except ContentRejected:
            if len(arrivals) == 1:
                return await self._quarantine(contents[0], _row_of(arrivals[0]), run)
        except ReceiverError as error:
            run.error, run.is_away = error, True
            return contents
        except Exception as error:  # the records beside the one that causes it are owed their place
            if len(arrivals) == 1:
                self._note_unforeseen(error, run)
                return contents
        else:
            run.stored += len(arrivals)
            self._overflow.close()
            self._overflow.count("drained", len(arrivals))
            return []
        middle = len(entries) // 2
        return await self._store(entries[:middle], run) + await self._store(entries[middle:], run)

    async def _quarantine(self, content: memoryview, row: NewRow, run: _Run) -> list[memoryview]:
        if run.is_away:
            return [content]
        try:
            await self._keep(row)
        except ReceiverError as error:
            run.error = error
            return [content]
        except Exception as error:  # as above
            self._note_unforeseen(error, run)
            return [content]
        run.quarantined += 1
        self._overflow.count("quarantined", 1)
        return []

    def _note_unforeseen(self, error: Exception, run: _Run) -> None:
        """Logs an error without its text, which may hold content."""
        frames = "".join(traceback.format_tb(error.__traceback__))
        self._log.error("record not drained", error=type(error).__name__, frames=frames)
        run.error = Unavailable("a record of the spool cannot be stored")


def _row_of(arrival: Arrival) -> NewRow:
    return NewRow(
        received_at=arrival.received_at,
        credential=arrival.credential,
        reason=REASON,
        media_type=_MEDIA_TYPE,
        headers={"content-type": _MEDIA_TYPE},
        body=arrival.event.payload.encode("utf-8", "surrogatepass"),
        is_member=False,
        arrival_id=arrival.arrival_id,
    )
