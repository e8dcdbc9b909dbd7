"""Events for an export: all that a selection means, up to what may still change, in pages."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Text, cast, func
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import selecting
from receiver.store.connections.keyset import ROW_BYTES
from receiver.store.events.paging.content import Content
from receiver.store.events.paging.walking import Pace, walk
from receiver.store.events.selection import Position, Selection
from receiver.store.events.tables import event

# Lines of a page, which take Postgres about ten milliseconds, and the bytes of their payloads at
# which it ends early: four pages of questions.
PAGE_LINES = 1000
PAGE_BYTES = 4 * 1024 * 1024


class Line(NamedTuple):
    """An event as its format has it.

    Attributes:
        stored_at: of the event.
        text: without the line break.
    """

    stored_at: datetime
    text: str


@cache
def _content(line: ColumnElement[str]) -> Content[Line]:
    columns = [event.c.occurred_at, event.c.stored_at, event.c.seq, line.label("line")]
    # All other texts of an event are in its payload.
    size = func.octet_length(cast(event.c.payload, Text)).label(ROW_BYTES)
    return Content(columns, size, _read_line)


def _read_line(row: Row[*tuple[Any, ...]]) -> Line:
    return Line(row.stored_at, row.line)


class ExportedEvents:
    """The events of a selection in the order of arrival, as lines.

    Whatever an open transaction may yet add comes behind the end, so that an export that goes on
    from there misses nothing and repeats nothing.

    Args:
        line: the SQL of a line.
        before: as of `read_horizon`.
        after: the end of an export before.
        pace: how many events a page looks at; None: as usual.

    Attributes:
        before: the exported events were stored before it.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        selection: Selection,
        line: ColumnElement[str],
        before: datetime,
        *,
        after: Position | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.before = before
        self._engine = engine
        self._selection = selection
        self._content = _content(line)
        self._after = after
        self._pace = pace

    async def pages(self) -> AsyncGenerator[Sequence[Line]]:
        """Yields the lines in pages, some of them empty; the next one is read meanwhile.

        Raises:
            DatabaseAway: as `asking`.
        """
        coming = asyncio.create_task(self._read(self._after), name="page of an export")
        try:
            while True:
                page, end = await coming
                settled = [line for line in page if line.stored_at < self.before]
                is_last = end is None or end.stored_at >= self.before
                if not is_last:
                    coming = asyncio.create_task(self._read(end), name="page of an export")
                yield settled
                if is_last:
                    return
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _read(self, after: Position | None) -> tuple[list[Line], Position | None]:
        async with selecting(self._engine) as connection:
            return await walk(
                connection,
                self._selection,
                self._pace,
                self._content,
                order="asc",
                after=after,
                limit=PAGE_LINES,
                limit_bytes=PAGE_BYTES,
            )
