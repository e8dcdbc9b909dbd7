"""What the answers about devices must be, by looking at every event, and what they are."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.coverage import list_losses
from receiver.projection.status import NEVER_REPORTED
from receiver.store.connections.engine import question_engine
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import FEEDS, SNAPSHOT, Feed
from receiver.store.projector.projecting import Projection
from receiver.store.status.statuses import DeviceStatus
from tests.support.facts import Told
from tests.support.linked import linked

EITHER_FEED = st.sampled_from(tuple(FEEDS.values()))
CLEAR = "TRUNCATE event, event_identity, device_status, subscription, device_identifier"


def specified(device_id: UUID, events: Sequence[Told]) -> dict[Axis, tuple[object, ...]]:
    """Returns value, beginning, confirmation and closing on each axis, by the folds alone."""
    devices = {device_id, *linked(device_id, events)}
    facts = [event.fact for event in events if event.device_id in devices]
    registers = status.fold(facts)
    subscriptions = list(ledger.fold(facts).values())
    found: dict[Axis, tuple[object, ...]] = {}
    for axis in Axis:
        answer = status.answer(axis, registers.get(axis), list_losses(subscriptions))
        latest = answer.latest
        found[axis] = (
            None if latest is None else (latest.value, latest.rank),
            None if latest is None else (latest.country_code, latest.country_name),
            status.find_beginning(axis, answer, facts),
            NEVER_REPORTED if latest is None else answer.closing,
        )
    return found


def answered(found: DeviceStatus) -> dict[Axis, tuple[object, ...]]:
    answers: dict[Axis, tuple[object, ...]] = {}
    for axis, (answer, since) in ((a, (s.answer, s.since)) for a, s in found.axes.items()):
        latest = answer.latest
        answers[axis] = (
            None if latest is None else (latest.value, latest.rank),
            None if latest is None else (latest.country_code, latest.country_name),
            since,
            NEVER_REPORTED if latest is None else answer.closing,
        )
    return answers


@asynccontextmanager
async def arrived(
    conninfo: str,
    events: Sequence[Told],
    batches: Sequence[int],
    steps: Sequence[bool],
    feed: Feed = SNAPSHOT,
) -> AsyncIterator[AsyncEngine]:
    """Stores events in batches, some derived between them, then all again; yields for questions.

    Args:
        batches: how many events each has.
        steps: whether a step of the projection follows each; the first tells whether all the
            events of the batches are derived in the end.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(CLEAR)
    engine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=10, prepare_threshold=None
    )
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    projection = Projection(
        conninfo, statement_timeout_seconds=10, prepare_threshold=None, feed=feed
    )
    try:
        await projection.derive_all()
        start = 0
        for size, is_derived in zip(batches, steps, strict=True):
            batch, start = events[start : start + size], start + size
            if batch:
                await ingest.commit([event.arrival for event in batch])
            if is_derived:
                await projection.derive(limit=3)
        if steps[0]:
            while await projection.derive(limit=3):
                pass
        await ingest.commit([event.arrival for event in events])
        yield engine
    finally:
        await projection.close()
        await ingest.close()
        await engine.dispose()
