"""Events for an export: all that a selection means, up to what may still change, in pages."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import NamedTuple

import psycopg
from sqlalchemy import ColumnElement, Text, cast, func
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import reading
from receiver.store.connections.keyset import ROW_BYTES
from receiver.store.connections.silence import may_be_distributed
from receiver.store.events.paging.content import Content
from receiver.store.events.paging.statements import shared_statement
from receiver.store.events.paging.walking import Pace, Step, walk
from receiver.store.events.selection import Position, Selection
from receiver.store.events.tables import event

# Lines of a page, which take Postgres about fifteen milliseconds, and the bytes of their payloads
# at which it ends early: four pages of questions.
PAGE_LINES = 2000
PAGE_BYTES = 4 * 1024 * 1024

# The payloads of a piece; its lines are about twice as long. Postgres takes a quarter more for
# lines in pieces of a megabyte, whose memory it has anew from the system each time.
PIECE_BYTES = 64 * 1024

# Lines are put together in Postgres: a row for each would be most of the work of this process.
# The position is by arrival, so that the time of the event itself decides nothing.
PIECES = """
SELECT
    convert_to(
        string_agg(line, E'\\n' ORDER BY stored_at, seq)
            FILTER (WHERE passes AND stored_at < %(before)s),
        'UTF8'
    ),
    count(*) FILTER (WHERE passes AND stored_at < %(before)s),
    coalesce(sum(row_bytes) FILTER (WHERE passes), 0)::bigint,
    count(*),
    bool_or(is_last),
    max(stored_at),
    (array_agg(seq ORDER BY stored_at, seq))[count(*)]
FROM ({page}) AS page
GROUP BY bytes_before / %(piece_bytes)s
ORDER BY bytes_before / %(piece_bytes)s
"""


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of an export.

    Attributes:
        text: the lines with a line feed between them, as UTF-8.
        count: of them.
    """

    text: bytes = b""
    count: int = 0


class Piece(NamedTuple):
    """Some of the lines of a page.

    Attributes:
        lines: at least one.
        stored_at: of the last event.
    """

    lines: Lines
    stored_at: datetime


@cache
def _content(line: ColumnElement[str]) -> Content:
    columns = [event.c.occurred_at, event.c.stored_at, event.c.seq, line.label("line")]
    # All other texts of an event are in its payload.
    return Content(columns, func.octet_length(cast(event.c.payload, Text)).label(ROW_BYTES))


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

    async def pages(self) -> AsyncGenerator[Sequence[Piece]]:
        """Yields the lines in pages, some of them empty; the next one is read meanwhile.

        Raises:
            DatabaseAway: as `asking`.
        """
        coming = asyncio.create_task(self._read(self._after), name="page of an export")
        try:
            while True:
                page, end = await coming
                is_last = end is None or end.stored_at >= self.before
                if not is_last:
                    coming = asyncio.create_task(self._read(end), name="page of an export")
                yield page
                if is_last:
                    return
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _read(self, after: Position | None) -> tuple[list[Piece], Position | None]:
        async with reading(self._engine) as connection:
            return await walk(
                _PiecesStep(connection, self._selection, self._content, self.before),
                self._selection,
                self._pace,
                after=after,
                limit=PAGE_LINES,
                limit_bytes=PAGE_BYTES,
            )


class _PiecesStep:
    """Takes steps that read the lines of the events, many in one piece."""

    def __init__(
        self,
        connection: psycopg.AsyncConnection,
        selection: Selection,
        content: Content,
        before: datetime,
    ) -> None:
        self._connection = connection
        self._selection = selection
        self._content = content
        self._before = before

    async def __call__(
        self, after: Position | None, *, limit: int, limit_bytes: int, looked_at: int | None
    ) -> Step[Piece]:
        page, values = shared_statement(
            replace(self._selection, is_apart=may_be_distributed(self._connection)),
            order="asc",
            after=after,
            limit=limit,
            limit_bytes=limit_bytes,
            looked_at=looked_at,
            content=self._content,
        )
        values = {**values, "before": self._before, "piece_bytes": PIECE_BYTES}
        cursor = self._connection.cursor(binary=True)
        await cursor.execute(PIECES.replace("{page}", page).encode(), values)
        pieces: list[Piece] = []
        count = size_bytes = looked = 0
        end, may_go_on = None, False
        for text, lines, of_bytes, of_rows, has_last, stored_at, seq in await cursor.fetchall():
            if lines:
                pieces.append(Piece(Lines(text, lines), stored_at))
            count += lines
            size_bytes += of_bytes
            looked += of_rows
            may_go_on = has_last
            end = Position(stored_at, stored_at, seq)
        is_followed = size_bytes > limit_bytes or looked == limit
        return Step(pieces, count, size_bytes, end, is_followed, is_followed or may_go_on)
