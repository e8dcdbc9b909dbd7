"""One export into one file, with a progress bar for people."""

import csv
import io
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import StrEnum
from typing import IO, NamedTuple

from pydantic.alias_generators import to_camel
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import table as sql_table
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.api.answers.resource import write_time
from receiver.api.exports.encoders import Encoder, make_encoder
from receiver.api.exports.questions import ExportQuestion
from receiver.store.events.history import History
from receiver.store.events.paging.exporting import ExportedEvents
from receiver.store.exports.cells import GUARD, csv_line, json_line, write_once
from receiver.store.exports.event_columns import COLUMNS
from receiver.store.exports.formats import Format, event_line_of
from receiver.store.exports.views import (
    DEVICES,
    SESSIONS,
    SUBSCRIPTIONS,
    View,
    ViewPage,
    read_cells,
    read_view,
)
from receiver.terminal import shows_progress


class What(StrEnum):
    """What is exported."""

    EVENTS = "events"
    DEVICES = "devices"
    SESSIONS = "sessions"
    SUBSCRIPTIONS = "subscriptions"


VIEWS = {What.DEVICES: DEVICES, What.SESSIONS: SESSIONS, What.SUBSCRIPTIONS: SUBSCRIPTIONS}

_ID = re.compile(r'"([A-Za-z0-9_-]{43})"')


class _Writing:
    """Writes pages into a file.

    Attributes:
        count: of the lines so far.
        last: some of them, the last one at the end.
    """

    def __init__(self, file: IO[bytes], console: Console, name: str) -> None:
        self.count = 0
        self.last = b""
        self._file = file
        self._console = console
        self._name = name

    async def run(self, pages: AsyncGenerator[ViewPage], encoder: Encoder) -> None:
        """Writes all pages."""
        is_shown = shows_progress(self._console.file)
        with Progress(console=self._console, disable=not is_shown) as progress:
            bar = progress.add_task(self._name, total=None)
            self._file.write(encoder.begin())
            async with aclosing(pages):
                async for lines, share in pages:
                    self._file.write(await encoder.write(lines))
                    self.count += lines.count
                    self.last = lines.text or self.last
                    told = f"{self.count} {self._name}"
                    if share is None:
                        progress.update(bar, description=told)
                    else:
                        progress.update(bar, description=told, total=1.0, completed=share)
            self._file.write(await encoder.end())


class Outcome(NamedTuple):
    """What an export wrote.

    Attributes:
        lines: how many.
        before: the time of storing up to which events are whole; None: it is of no events.
        last_id: of the last event.
    """

    lines: int
    before: str | None = None
    last_id: str | None = None


async def export_events(
    engine: AsyncEngine,
    question: ExportQuestion,
    format_: Format,
    file: IO[bytes],
    console: Console,
) -> Outcome:
    """Writes events by arrival.

    Raises:
        InvalidArgument: the question names no event to go on from.
        ConfigurationError: pyarrow is not installed.
        DatabaseAway: as `asking`.
    """
    exported = await History(engine).export(
        question.select(), event_line_of(format_), after=question.begin_after()
    )
    encoder = make_encoder(format_, COLUMNS)
    writing = _Writing(file, console, "events")
    await writing.run(_share(exported), encoder)
    return Outcome(writing.count, write_time(exported.before), _read_last_id(writing.last, format_))


def _read_last_id(lines: bytes, format_: Format) -> str | None:
    """Returns the id in the last of some lines; None: there are none."""
    text = lines.decode()
    if format_ is Format.CSV:
        *_, (cell, *_) = [[""], *csv.reader(io.StringIO(text, newline=""))]
        return cell.removeprefix(GUARD) or None
    # In the line of JSON the id comes first.
    found = _ID.search(text.rpartition("\n")[2])
    return None if found is None else found[1]


async def _share(exported: ExportedEvents) -> AsyncGenerator[ViewPage]:
    """Yields the lines with the share of the time that they reach through."""
    first = None
    async with aclosing(exported.pages()) as pages:
        async for page in pages:
            for lines, stored_at in page:
                first = first or stored_at
                yield ViewPage(lines, (stored_at - first) / (exported.before - first))


async def export_view(
    engine: AsyncEngine, what: What, format_: Format, file: IO[bytes], console: Console
) -> Outcome:
    """Writes the rows of a view; those of NDJSON have members in lowerCamelCase.

    Raises:
        ConfigurationError: pyarrow is not installed.
        DatabaseAway: as `asking`.
    """
    view: View = VIEWS[what]
    cells = await read_cells(engine, view)
    encoder = make_encoder(format_, cells)
    match format_:
        case Format.NDJSON:
            line = json_line(cells, to_camel)
        case Format.CSV:
            line = csv_line(cells)
        case Format.PARQUET:
            line = json_line(cells)
    line = write_once(line, sql_table(view.name, schema="reporting"))
    writing = _Writing(file, console, what)
    await writing.run(read_view(engine, view, line), encoder)
    return Outcome(writing.count)
