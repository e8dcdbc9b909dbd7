"""Reads what was when: intervals, roaming sessions and availability of a device.

Events are read by their index; what is derived gives the subscriptions, the links and the bounds,
with the events that are not derived yet on top, as for the status.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import TRUE, Axis
from receiver.projection.availability import Lengths, measure_days
from receiver.projection.coverage import list_losses
from receiver.projection.intervals import Interval, cut, list_not_kept
from receiver.projection.sessions import Session, list_sessions
from receiver.store.connections.engine import reading
from receiver.store.connections.keyset import Order
from receiver.store.connections.silence import may_be_distributed
from receiver.store.derived.behind import BehindMemory
from receiver.store.derived.rows import read_rows
from receiver.store.status.statuses import Whole, read_whole
from receiver.store.timelines.intervals import (
    DAYS,
    INTERVALS,
    compose_days,
    compose_intervals,
    name_devices,
    write_bits,
)

# Before every event.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

# A change at the very end of a range tells that what it ended ended there.
INSTANT = timedelta(microseconds=1)

KEPT_FROM = "SELECT max(kept_from) FROM retention"

# Stays of one page of sessions: a device at a border may change the country each minute of a month.
STAYS_LIMIT = 50_000


class Timeline:
    """What was when, of one device; reads over a connection that its maker closes.

    Args:
        kept_from: events that were stored before are not kept; None: all are.

    Attributes:
        as_of: every event that was acknowledged before is in the answers.
    """

    def __init__(
        self, connection: AsyncConnection, whole: Whole, kept_from: datetime | None
    ) -> None:
        self._connection = connection
        self._kept_from = kept_from
        self._devices = whole.devices
        self._named = len(whole.devices) if may_be_distributed(connection) else None
        self._parts = whole.parts
        self.as_of = whole.as_of
        losses = list_losses(list(whole.parts.subscriptions.values()))
        self._closed_at = [loss.closing.at for loss in losses]
        self._closings = {
            "closed_at": self._closed_at,
            "reasons": [loss.closing.reason for loss in losses],
            "lost": [write_bits(loss.lost) for loss in losses],
            "told": [write_bits(loss.told) for loss in losses],
        }

    def first_at(self, axis: Axis) -> datetime | None:
        """Returns when what is known of an axis begins; None: it has no event."""
        register = self._parts.registers.get(axis)
        return None if register is None else max(register.first_at, self._kept_from or EARLIEST)

    def last_at(self, axis: Axis) -> datetime | None:
        """Returns a moment after which nothing changes on an axis; None: nothing ever does."""
        register = self._parts.registers.get(axis)
        if register is None:
            return None
        return max([register.latest.rank.at, self._kept_from or EARLIEST, *self._closed_at])

    async def intervals(
        self,
        axis: Axis,
        start: datetime,
        end: datetime | None,
        *,
        order: Order,
        limit: int,
        value: str | None = None,
    ) -> list[Interval]:
        """Returns intervals between two moments, in the order asked for.

        Args:
            end: after `start`; None: there is none.
            value: the value of all intervals; None: any, or not known.
        """
        not_kept = self._list_not_kept(axis, start, end) if value is None else []
        start = self._find_start(axis, start)
        kept = []
        if end is None or start < end:
            kept = await self._read(axis, start, end, order=order, limit=limit, value=value)
        return [*not_kept, *kept][:limit] if order == "asc" else [*kept, *not_kept[::-1]][:limit]

    async def _read(
        self,
        axis: Axis,
        start: datetime,
        end: datetime | None,
        *,
        order: Order,
        limit: int,
        value: str | None,
    ) -> list[Interval]:
        """Returns the intervals of a range that is kept."""
        question = {"value": value, "limit": limit + 1}
        text = INTERVALS[axis, order]
        if self._named is not None:
            text = compose_intervals(axis, order, self._named)
        rows = await self._ask(text, axis, start, end, question)
        found = [
            Interval(
                row.from_at,
                row.to_at,
                row.value,
                row.because,
                row.ended_because,
                country_code=row.country_code,
                country_name=None if row.country_name is None else tuple(row.country_name),
            )
            for row in rows
        ]
        # The limit leaves out the far end: there, nothing is cut.
        clipped = [one for interval in found for one in cut([interval], interval.from_at, end)]
        return [
            one._replace(from_at=start, began_earlier=True) if one.from_at < start else one
            for one in clipped
        ][:limit]

    async def sessions(
        self, start: datetime, end: datetime | None, *, order: Order, limit: int
    ) -> list[Session]:
        """Returns the roaming sessions between two moments, in the order asked for."""
        roaming = await self.intervals(
            Axis.ROAMING, start, end, order=order, limit=limit, value=TRUE
        )
        if not roaming:
            return []
        ends = [one.to_at for one in roaming if one.to_at is not None]
        countries = await self.intervals(
            Axis.COUNTRY,
            min(one.from_at for one in roaming),
            max(ends) if len(ends) == len(roaming) else None,
            order="asc",
            limit=STAYS_LIMIT,
        )
        return list_sessions(roaming, countries)

    async def measure_days(
        self, axis: Axis, start: datetime, end: datetime
    ) -> Mapping[date, Lengths]:
        """Returns the lengths of each value by day in UTC, between two moments."""
        kept_start = min(self._find_start(axis, start), end)
        not_kept = self._list_not_kept(axis, start, end)
        days: dict[date, Lengths] = measure_days(not_kept, start, kept_start)
        if kept_start < end:
            text = DAYS[axis] if self._named is None else compose_days(axis, self._named)
            for row in await self._ask(text, axis, kept_start, end, {"end": end}):
                days.setdefault(row.day, Lengths())[row.value] += row.length
        return days

    def _find_start(self, axis: Axis, start: datetime) -> datetime:
        """Returns where in a range that begins at `start` begins what is kept."""
        register = self._parts.registers.get(axis)
        kept_from = self._kept_from
        if register is None or kept_from is None or register.first_at >= kept_from:
            return start
        return max(start, kept_from)

    def _list_not_kept(self, axis: Axis, start: datetime, end: datetime | None) -> list[Interval]:
        """Returns the intervals of a range that are not kept, the earliest first."""
        kept_from = self._find_start(axis, start)
        register = self._parts.registers.get(axis)
        if register is None or kept_from == start:
            return []
        return list_not_kept(register.first_at, kept_from, start, end)

    async def _ask(
        self,
        question: str,
        axis: Axis,
        start: datetime,
        end: datetime | None,
        parameters: Mapping[str, object],
    ) -> Sequence[Any]:
        stop = None if end is None else end + INSTANT
        # Nothing lies before the first event on the axis, or after the latest one.
        scan_start, scan_stop, is_seeded = start, start, False
        register = self._parts.registers.get(axis)
        if register is not None:
            after_all = register.latest.rank.at + INSTANT
            scan_start = min(max(start, register.first_at), after_all)
            scan_stop = after_all if stop is None else min(stop, after_all)
            is_seeded = register.first_at < scan_start
        return await read_rows(
            self._connection,
            question,
            **name_devices(self._devices),
            devices=self._devices,
            start=start,
            stop=stop or "infinity",
            scan_start=scan_start,
            scan_stop=scan_stop,
            is_seeded=is_seeded,
            **self._closings,
            **parameters,
        )


class Timelines:
    """Answers what was when."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._memory = BehindMemory()

    @asynccontextmanager
    async def of(self, device_id: UUID) -> AsyncIterator[Timeline | None]:
        """Opens the timeline of a device; None if it has no event, and nothing links to it.

        Raises:
            Unavailable: the database is away, or the device is not derived for the first time yet.
        """
        async with reading(self._engine) as connection:
            whole = await read_whole(connection, device_id, self._memory)
            [(kept_from,)] = await read_rows(connection, KEPT_FROM)
            if whole.parts.last_event_at is None:
                yield None
            else:
                yield Timeline(connection, whole, kept_from)
