"""A page of events that ends early rather than to look at everything."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store.connections.keyset import ROW_BYTES, Order, read_page
from receiver.store.connections.spreading import spread
from receiver.store.events.paging.content import Content, Item, position_of
from receiver.store.events.paging.statements import IS_LAST, PASSES, has_filters, shared_statement
from receiver.store.events.selection import Position, Selection
from receiver.store.events.stored_event import StoredEvent

# Events that the first step looks at for each one that is wanted, and at least. The step ends with
# the page, but a limit of thousands had Postgres read and sort all events of a device that has
# about as many. By arrival there is nothing to sort, and in the hour behind a time of arrival, of
# which none passes, a large installation stores thousands of events.
FIRST_STEP = 4
FIRST_STEP_AT_LEAST = 1000
FIRST_STEP_BY_ARRIVAL = 10_000
GROWTH = 10

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


async def walk(
    connection: AsyncConnection,
    selection: Selection,
    pace: Pace | None,
    content: Content[Item],
    *,
    order: Order,
    after: Position | None,
    limit: int,
    limit_bytes: int,
) -> tuple[list[Item], Position | None]:
    """Returns the next events, and where their page ends; None: there are no more.

    A page may end early, even without any event, where few events pass the filters.

    Args:
        pace: None: the usual one.
        content: what the page holds of each event.
        limit, limit_bytes: as of `History.page`.
    """
    pace = pace or USUAL
    looked_at = pace.begin(selection, limit + 1) if has_filters(selection) else None
    left: float = pace.of_a_device if selection.is_of_a_device else math.inf
    found: list[Item] = []
    end = pace.clock() + pace.seconds
    while True:
        began = pace.clock()
        wanted = limit - len(found)
        statement, values = shared_statement(
            selection,
            order=order,
            after=after,
            limit=wanted + 1,
            limit_bytes=limit_bytes,
            looked_at=looked_at,
            content=content,
        )
        answer = await connection.exec_driver_sql(statement, values)
        rows, is_followed = read_page(answer.all(), wanted)
        async for row in spread(rows):
            columns = row._mapping
            if columns[PASSES]:
                found.append(content.read(row))
                limit_bytes -= columns[ROW_BYTES]
        if not rows or not (is_followed or rows[-1]._mapping[IS_LAST]):
            return found, None
        after = position_of(rows[-1])
        now = pace.clock()
        left -= looked_at or 0
        is_over = now >= end or left <= 0
        if is_followed or len(found) == limit or limit_bytes < 0 or is_over:
            return found, after
        if looked_at is not None:
            worth = looked_at * (end - now) / max(now - began, 1e-6)
            looked_at = max(int(min(looked_at * GROWTH, worth, left)), 1)


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
