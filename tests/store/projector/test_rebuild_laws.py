"""A rebuild at any moment, beside the feed, changes no answer; nor does the end of a month."""

from collections.abc import Sequence

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import Feed
from receiver.store.projector.projecting import START_REBUILD, Projection
from receiver.store.status.statuses import Statuses
from tests.support.facts import DEVICES, STATUSES, Told, told
from tests.support.lengths import lengths
from tests.support.replaying import EITHER_FEED, answered, arrive, specified
from tests.support.shared_store import SharedStore
from tests.support.store.database import column

HISTORIES = st.lists(told(), min_size=2, max_size=20, unique_by=lambda event: event.digest)
STORY = (
    (DEVICES[0], "roaming-status", STATUSES["roaming-status"][0]),
    (DEVICES[0], "connectivity-data", STATUSES["connectivity-data"][0]),
    (DEVICES[1], "network-type-changed", STATUSES["network-type-changed"][0]),
    (DEVICES[1], "subscription-ends", STATUSES["subscription-ends"][0]),
)
MONTHS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'event'::regclass"


async def are_specified(engine: AsyncEngine, events: Sequence[Told]) -> None:
    for device_id in {event.device_id for event in events}:
        found = await Statuses(engine).status(device_id)
        assert found is not None
        assert specified(device_id, events) == answered(found)


async def rebuild_beside_the_feed(
    store: SharedStore, events: list[Told], stored: int, feed: Feed
) -> None:
    """Rebuilds device by device; between the steps the rest of the events arrives."""
    known, later = events[:stored], events[stored:]
    await arrive(store, known, [len(known)], [True], feed, is_derived=True)
    await store.connection.execute(START_REBUILD.encode())
    while await store.projections[feed].derive(limit=1) or later:
        await are_specified(store.engine, known)
        if later:
            known = [*known, later.pop(0)]
            await store.ingest.commit([known[-1].arrival])
            await are_specified(store.engine, known)
    await are_specified(store.engine, events)


@pytest.mark.parametrize("examples", lengths(10, 100))
def test_a_rebuild_at_any_moment_changes_no_answer(
    shared_store: SharedStore, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(events=HISTORIES, share=st.floats(0, 1), feed=EITHER_FEED)
    def answers_stay(events: list[Told], share: float, feed: Feed) -> None:
        stored = 1 + int(share * (len(events) - 1))
        shared_store.run(rebuild_beside_the_feed(shared_store, events, stored, feed))

    answers_stay()


async def test_the_status_outlives_the_months_of_its_events(
    conninfo: str, ingest: Ingest, projection: Projection, statuses: Statuses
) -> None:
    await projection.derive_all()
    events = [
        Told(device, "sub", name, status, minute, 0, minute)
        for minute, (device, name, status) in enumerate(STORY)
    ]
    await ingest.commit([event.arrival for event in events])
    await projection.derive_all()
    before = [await statuses.status(event.device_id) for event in events]
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for month in column(conninfo, MONTHS):
            drop = sql.SQL("DROP TABLE {}").format(sql.Identifier(month))
            connection.execute(drop)
    after = [await statuses.status(event.device_id) for event in events]
    assert [answered(one) for one in before if one] == [answered(one) for one in after if one]
    assert None not in after
