"""The spool of one process: appends with one sync for a batch, on a thread of its own."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from shutil import disk_usage
from typing import TypeVar
from uuid import UUID

from receiver.errors import Unavailable
from receiver.spool.folder import Contents, list_segments, measure, remove_unfinished
from receiver.spool.frames import HEAD_BYTES
from receiver.spool.records import Record, write_record
from receiver.spool.segments import MARK_BYTES, NewSegment

# A file is closed when it is as large: a drain has one in memory, and frees its room at once.
SEGMENT_BYTES = 8 * 1024 * 1024

# Room that is told as such: a few notifications.
ROOM_BYTES = 8192

# Seconds after which a batch is refused, though its sync may still end. A disk that is well syncs
# within some tens of milliseconds.
APPEND_SECONDS = 5.0

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolBounds:
    """How much the spool takes.

    Attributes:
        limit_bytes: of all files of all processes together.
        reserve_bytes: of the disk that stay free.
    """

    limit_bytes: int
    reserve_bytes: int


class Spool:
    """Makes records durable in a folder; all work on files is done on one thread, in turn.

    Args:
        folder: private to the user of the process.
        bounds: beyond them, nothing is taken.
        namespace: the installation's; no other one drains its records.
        clock: aware UTC.

    Attributes:
        contents: of the folder, as last measured; None: not measured yet.
        has_room: whether there was room then.
    """

    def __init__(
        self,
        folder: Path,
        bounds: SpoolBounds,
        *,
        namespace: Callable[[], UUID],
        clock: Callable[[], datetime],
    ) -> None:
        self.folder = folder
        self._bounds = bounds
        self._namespace = namespace
        self._clock = clock
        self._segment: NewSegment | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        # An append that has taken too long.
        self._late: asyncio.Future[None] | None = None
        self.contents: Contents | None = None
        self.has_room = True

    @property
    def mark(self) -> bytes:
        """The mark of the installation in its files; it does not tell the namespace."""
        return blake2b(self._namespace().bytes, digest_size=MARK_BYTES, person=b"spool").digest()

    async def append(self, records: Sequence[Record]) -> None:
        """Makes records durable, or none of them.

        Raises:
            ContentRejected: one of them cannot be written.
            Unavailable: there is no room, or the disk does not take them in time.
        """
        if self._late is not None and not self._late.done():
            raise Unavailable("the disk of the spool does not answer")
        appending = asyncio.ensure_future(self.run(self._append, records))
        # Never cancelled: it may become durable, and the next must not begin before it ends.
        done, _ = await asyncio.wait({appending}, timeout=APPEND_SECONDS)
        if not done:
            self._late = appending
            appending.add_done_callback(_note_end)
            raise Unavailable("the disk of the spool does not answer in time")
        appending.result()

    async def seal(self) -> bool:
        """Closes the file of this process, so that it can be drained; False: there is none."""
        return await self.run(self._seal)

    async def list_segments(self) -> Sequence[Path]:
        """Returns the files that this process does not append to, the oldest first."""
        return await self.run(self._list_segments)

    async def measure(self) -> None:
        """Measures what lies in the folder, and whether there is room for more."""
        self.contents, self.has_room = await self.run(self._measure)

    async def run(self, call: Callable[..., Result], *arguments: object) -> Result:
        """Runs a call on the thread of the spool.

        Raises:
            Unavailable: the disk does not do it.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
        except OSError as error:
            raise Unavailable(f"the disk of the spool: {error.strerror}") from error

    async def aclose(self) -> None:
        """Closes the file of this process; whoever comes next drains it."""
        with suppress(Unavailable):
            await self.seal()
        self._thread.shutdown(wait=False)

    def _append(self, records: Sequence[Record]) -> None:
        written = [write_record(record) for record in records]
        self._require_room(sum(map(len, written)) + HEAD_BYTES * len(written))
        if self._segment is None:
            self._segment = NewSegment.begin(self.folder, self.mark, self._clock())
        try:
            self._segment.append(written)
        except BaseException:
            # What a failed write or sync has left in a file is not built upon.
            self._seal()
            raise
        if self._segment.size_bytes >= SEGMENT_BYTES:
            self._seal()

    def _list_segments(self) -> Sequence[Path]:
        remove_unfinished(self.folder)
        own = None if self._segment is None else self._segment.path
        return [path for path in list_segments(self.folder) if path != own]

    def _measure(self) -> tuple[Contents | None, bool]:
        try:
            self._require_room(ROOM_BYTES)
            return measure(self.folder), True
        except Unavailable:
            return measure(self.folder), False

    def _require_room(self, size_bytes: int) -> None:
        if measure(self.folder).size_bytes + size_bytes > self._bounds.limit_bytes:
            raise Unavailable("the spool is full")
        if disk_usage(self.folder).free - size_bytes < self._bounds.reserve_bytes:
            raise Unavailable("the disk of the spool has no more room than its reserve")

    def _seal(self) -> bool:
        segment, self._segment = self._segment, None
        if segment is None:
            return False
        segment.close()
        return True


def _note_end(appending: asyncio.Future[None]) -> None:
    """Takes the outcome, which nobody waits for any more."""
    if not appending.cancelled():
        appending.exception()
