"""Pages of what was stored since a listener was last there, up to where the reader goes on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import asking
from receiver.store.derived.position import OVERLAP_SECONDS
from receiver.store.events.paging.horizon import read_horizon
from receiver.store.events.paging.walking import EventsStep, Pace, settle, walk
from receiver.store.events.selection import Position, Selection
from receiver.store.following.lateness import Told, mark_late
from receiver.store.retention.tables import retention

# Of one page: some milliseconds of the event loop, and 300 kB of JSON.
PAGE_EVENTS = 500
PAGE_BYTES = 1_048_576

# All pages that end at the same mark go on with the same pages, wherever they began: those who come
# back are told what was stored up to so many seconds before their last event once more.
MARK_SECONDS = 10

# Looks through some thousand events and ends; the connection is for others then.
PACE = Pace(seconds=0.1)


class CaughtUp(NamedTuple):
    """One page.

    Attributes:
        events: in the order of their storing.
        end: where the next page begins.
        is_last: there was nothing behind it.
    """

    events: Sequence[Told]
    end: Position
    is_last: bool


class CatchUp:
    """Reads pages of all events from a time on."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @staticmethod
    def begin(stored_at: datetime) -> Position:
        """Returns the mark at which to begin behind an event that was told: what was stored half a
        minute before it may have become visible later."""
        return _place_at(_find_mark(stored_at - timedelta(seconds=OVERLAP_SECONDS)))

    async def read_kept_from(self) -> datetime | None:
        """Returns the time before which events are dropped; None: none was dropped."""
        async with asking(self._engine) as connection:
            found: datetime | None = (
                await connection.execute(select(retention.c.kept_from))
            ).scalar()
        return found

    async def read(self, selection: Selection, after: Position, *, is_settled: bool) -> CaughtUp:
        """Reads the next page.

        Args:
            is_settled: it ends before what an open transaction may yet add, and at the last mark
                that it reaches, if more follows.

        Raises:
            DatabaseAway: the database cannot be asked.
        """
        horizon = await read_horizon(self._engine) if is_settled else None
        async with asking(self._engine) as connection:
            page, end = await walk(
                EventsStep(connection, selection, "asc"),
                selection,
                PACE,
                after=after,
                limit=PAGE_EVENTS,
                limit_bytes=PAGE_BYTES,
            )
            is_last = end is None
            if horizon is not None:
                page, end = settle(page, end, after, horizon)
                is_last = is_last or end is None or end.stored_at >= horizon
                if end is not None and (mark := _find_mark(end.stored_at)) > after.stored_at:
                    page, end = settle(page, end, after, mark)
                    is_last = False
            marked = await mark_late(connection, page, after.stored_at)
        if end is None:
            end = page[-1].position if page else after
        return CaughtUp(marked, end, is_last)


def _find_mark(time: datetime) -> datetime:
    """Returns the last mark that is not after a time."""
    return time.replace(second=time.second - time.second % MARK_SECONDS, microsecond=0)


def _place_at(time: datetime) -> Position:
    """Returns the place before all that was stored at a time."""
    return Position(time, time, 0)
