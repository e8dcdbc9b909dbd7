"""Stores arrivals, and reads their history page by page."""

from collections.abc import Sequence

from receiver.events.event import Arrival
from receiver.store.connections.keyset import Order
from receiver.store.events.history import History
from receiver.store.events.ingest import Ingest
from receiver.store.events.selection import Position, Selection


async def store(conninfo: str, arrivals: Sequence[Arrival]) -> None:
    """Stores arrivals in one transaction."""
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    await ingest.commit(arrivals)
    await ingest.close()


async def walk(
    history: History, selection: Selection, order: Order, limit: int, limit_bytes: int = 10**9
) -> list[str]:
    """Returns every event id of the sender, page by page."""
    seen: list[str] = []
    after: Position | None = None
    while True:
        events, after = await history.page(
            selection, order=order, after=after, limit=limit, limit_bytes=limit_bytes
        )
        seen += [str(event.event_id) for event in events]
        if after is None:
            return seen
