"""A page of events that ends early rather than to look at everything."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store.connections.keyset import ROW_BYTES, Order, read_page
from receiver.store.events.paging.statements import IS_LAST, PASSES, has_filters, shared_statement
from receiver.store.events.selection import Position, Selection
from receiver.store.events.stored_event import StoredEvent, stored_event

# Events that the first step looks at for each one that is wanted, which is enough for a filter that
# some pass. Each further step looks at more, as far as its time allows. A first step of thousands
# had Postgres read and sort all events of a device that has about as many.
FIRST_STEP = 4
GROWTH = 4

# After so long no further step begins, and the page ends where the last one did.
WALK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How many events a page looks at.

    Attributes:
        first_step: events of its first step, for each one that is wanted.
        seconds: after which it ends early; 0: after one step.
    """

    first_step: int = FIRST_STEP
    seconds: float = WALK_SECONDS
    clock: Callable[[], float] = time.monotonic


USUAL = Pace()


async def walk(
    connection: AsyncConnection,
    selection: Selection,
    pace: Pace | None,
    *,
    order: Order,
    after: Position | None,
    limit: int,
    limit_bytes: int,
) -> tuple[list[StoredEvent], Position | None]:
    """Returns the next events, and where their page ends; None: there are no more.

    A page may end early, even without any event, where few events pass the filters.

    Args:
        pace: None: the usual one.
        limit, limit_bytes: as of `History.page`.
    """
    pace = pace or USUAL
    looked_at = pace.first_step * (limit + 1) if has_filters(selection) else None
    found: list[StoredEvent] = []
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
        )
        rows, is_followed = read_page((await connection.execute(statement, values)).all(), wanted)
        for row in rows:
            columns = row._mapping
            if columns[PASSES]:
                found.append(stored_event(row))
                limit_bytes -= columns[ROW_BYTES]
        if not rows or not (is_followed or rows[-1]._mapping[IS_LAST]):
            return found, None
        after = stored_event(rows[-1]).position
        now = pace.clock()
        if is_followed or len(found) == limit or limit_bytes < 0 or now >= end:
            return found, after
        if looked_at is not None:
            worth = int(looked_at * (end - now) / max(now - began, 1e-6))
            looked_at = max(min(looked_at * GROWTH, worth), 1)


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
