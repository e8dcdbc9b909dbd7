"""A page of events that ends early rather than to look at everything."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store.connections.keyset import ROW_BYTES, Order, read_page
from receiver.store.connections.spreading import spread
from receiver.store.events.paging.content import position_of
from receiver.store.events.paging.placing import place
from receiver.store.events.paging.statements import IS_LAST, PASSES, has_filters, shared_statement
from receiver.store.events.selection import Position, Selection
from receiver.store.events.stored_event import StoredEvent, stored_event

# Events that the first step looks at for each one that is wanted, and at least. The step ends with
# the page, but a limit of thousands had Postgres read and sort all events of a device that has
# about as many. By arrival there is nothing to sort, and in the hour behind a time of arrival, of
# which none passes, a large installation stores thousands of events.
FIRST_STEP = 4
FIRST_STEP_AT_LEAST = 1000
FIRST_STEP_BY_ARRIVAL = 10_000
GROWTH = 10

Item = TypeVar("Item")

# After so long no further step begins, and the page ends where the last one did.
WALK_SECONDS = 1.0

# Of a device each event is on another block of the table, so that a second's worth of them is most
# of what a server holds in memory. So many take 40 ms where the blocks are in memory.
OF_A_DEVICE = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How many events a page with filters looks at.

    Attributes:
        first_step: events of its first step, for each one that is wanted.
        seconds: after which it ends early; 0: after one step.
        first_step_at_least: events of its first step, however few are wanted.
        first_step_by_arrival: likewise, of all events; those of a subscription are fewer.
        of_a_device: events of a device, or of an identifier, after which it ends early; of each
            path. The first step may exceed it.
    """

    first_step: int = FIRST_STEP
    seconds: float = WALK_SECONDS
    first_step_at_least: int = 1
    first_step_by_arrival: int = 1
    of_a_device: int = OF_A_DEVICE
    clock: Callable[[], float] = time.monotonic

    def begin(self, selection: Selection, limit: int) -> int:
        """Returns how many events the first step looks at."""
        is_by_arrival = not (selection.is_of_a_device or selection.subscription_ids)
        at_least = self.first_step_by_arrival if is_by_arrival else self.first_step_at_least
        return max(self.first_step * limit, at_least)


USUAL = Pace(first_step_at_least=FIRST_STEP_AT_LEAST, first_step_by_arrival=FIRST_STEP_BY_ARRIVAL)


@dataclass(frozen=True, slots=True)
class Step(Generic[Item]):
    """What a step found.

    Attributes:
        items: that are in the page.
        count: of their events.
        size_bytes: about the bytes of their texts.
        end: the last event that was looked at; None: there was none.
        is_followed: whether it ended at one of its limits, and more events pass.
        may_go_on: whether more events may pass.
    """

    items: Sequence[Item]
    count: int
    size_bytes: int
    end: Position | None
    is_followed: bool
    may_go_on: bool


class TakeStep(Protocol[Item]):
    """Asks for the next events."""

    async def __call__(
        self, after: Position | None, *, limit: int, limit_bytes: int, looked_at: int | None
    ) -> Step[Item]:
        """Takes one step.

        Args:
            looked_at: as of `page_statement`.
        """


async def walk(
    take_step: TakeStep[Item],
    selection: Selection,
    pace: Pace | None,
    *,
    after: Position | None,
    limit: int,
    limit_bytes: int,
) -> tuple[list[Item], Position | None]:
    """Returns the next events, and where their page ends; None: there are no more.

    A page may end early, even without any event, where few events pass the filters.

    Args:
        pace: None: the usual one.
        limit, limit_bytes: as of `History.page`.
    """
    pace = pace or USUAL
    looked_at = pace.begin(selection, limit + 1) if has_filters(selection) else None
    left: float = pace.of_a_device if selection.is_of_a_device else math.inf
    found: list[Item] = []
    end = pace.clock() + pace.seconds
    while True:
        began = pace.clock()
        step = await take_step(after, limit=limit, limit_bytes=limit_bytes, looked_at=looked_at)
        found += step.items
        limit -= step.count
        limit_bytes -= step.size_bytes
        if step.end is None or not step.may_go_on:
            return found, None
        after = step.end
        now = pace.clock()
        left -= looked_at or 0
        is_over = now >= end or left <= 0
        if step.is_followed or not limit or limit_bytes < 0 or is_over:
            return found, after
        if looked_at is not None:
            worth = looked_at * (end - now) / max(now - began, 1e-6)
            looked_at = max(int(min(looked_at * GROWTH, worth, left)), 1)


class EventsStep:
    """Takes steps that read the events."""

    def __init__(self, connection: AsyncConnection, selection: Selection, order: Order) -> None:
        self._connection = connection
        self._selection = selection
        self._order = order

    async def __call__(
        self, after: Position | None, *, limit: int, limit_bytes: int, looked_at: int | None
    ) -> Step[StoredEvent]:
        statement, values = shared_statement(
            await place(self._connection, self._selection),
            order=self._order,
            after=after,
            limit=limit + 1,
            limit_bytes=limit_bytes,
            looked_at=looked_at,
        )
        answer = await self._connection.exec_driver_sql(statement, values)
        rows, is_followed = read_page(answer.all(), limit)
        found: list[StoredEvent] = []
        size_bytes = 0
        async for row in spread(rows):
            columns = row._mapping
            if columns[PASSES]:
                found.append(stored_event(row))
                size_bytes += columns[ROW_BYTES]
        if not rows:
            return Step(found, 0, 0, None, is_followed=False, may_go_on=False)
        may_go_on = is_followed or rows[-1]._mapping[IS_LAST]
        end = position_of(rows[-1])
        return Step(found, len(found), size_bytes, end, is_followed, may_go_on)


def settle(
    page: list[StoredEvent], end: Position | None, after: Position | None, horizon: datetime
) -> tuple[list[StoredEvent], Position | None]:
    """Returns an ascending page by arrival without what is not settled, and where it ends then.

    Args:
        page, end: as of `walk`.
        after: the end of the page before.
        horizon: as of `read_horizon`, read before the page.
    """
    settled = [event for event in page if event.stored_at < horizon]
    if len(settled) == len(page) and (end is None or end.stored_at < horizon):
        return page, end
    if settled or after is None or after.stored_at < horizon:
        # The place before all events of this moment.
        return settled, Position(horizon, horizon, 0)
    return settled, after
