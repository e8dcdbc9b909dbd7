"""The history of a device with what stands for it: one order, nothing lost, nothing twice."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.keyset import Order
from receiver.store.derived.linked_history import LinkedHistory
from receiver.store.derived.linking import Links
from receiver.store.events.history import History
from receiver.store.events.selection import Position, Selection
from receiver.store.events.stored_event import StoredEvent
from tests.support.facts import Told, told
from tests.support.lengths import lengths
from tests.support.linked import linked
from tests.support.replaying import arrive
from tests.support.shared_store import SharedStore

HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)


async def walk(engine: AsyncEngine, device_id: UUID, order: Order, limit: int) -> list[StoredEvent]:
    history = LinkedHistory(History(engine), Links(engine), device_id)
    selection = Selection(device_id=device_id)
    assert await history.exists(selection)
    found: list[StoredEvent] = []
    after: Position | None = None
    while True:
        page, after = await history.page(
            selection, order=order, after=after, limit=limit, limit_bytes=10**6
        )
        assert len(page) <= limit
        found += page
        if after is None:
            return found


async def check(
    store: SharedStore, events: Sequence[Told], order: Order, steps: Sequence[bool]
) -> None:
    halves = [len(events) // 2, len(events), *[0] * 4]
    await arrive(store, events, halves, steps, is_derived=steps[0])
    engine = store.engine
    for device_id in {event.device_id for event in events}:
        devices = {device_id, *linked(device_id, events)}
        expected = [event for event in events if event.device_id in devices]
        for limit in (1, 2, 50):
            found = await walk(engine, device_id, order, limit)
            positions = [
                (e.position.occurred_at, e.position.stored_at, e.position.seq) for e in found
            ]
            assert positions == sorted(positions, reverse=order == "desc")
            assert sorted((e.device_id, e.occurred_at, e.name) for e in found) == sorted(
                (e.device_id, e.occurred_at, e.name) for e in expected
            )
        summary = await LinkedHistory(History(engine), Links(engine), device_id).device()
        assert summary is not None
        last, first = (found[0], found[-1]) if order == "desc" else (found[-1], found[0])
        assert (summary.first_event, summary.last_event) == (first, last)


@pytest.mark.parametrize("examples", lengths(10, 100))
def test_pages_have_the_events_of_the_device_and_of_what_stands_for_it(
    shared_store: SharedStore, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(
        events=HISTORIES,
        order=st.sampled_from(["asc", "desc"]),
        steps=st.lists(st.booleans(), min_size=6, max_size=6),
    )
    def pages_have_all_events(events: list[Told], order: Order, steps: list[bool]) -> None:
        shared_store.run(check(shared_store, events, order, steps))

    pages_have_all_events()
