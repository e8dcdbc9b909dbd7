"""What the answers about devices must be, by looking at every event, and what they are."""

from collections.abc import Sequence
from uuid import UUID

from hypothesis import strategies as st

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.coverage import list_losses
from receiver.projection.status import NEVER_REPORTED
from receiver.store.projector.feeds import FEEDS, SNAPSHOT, Feed
from receiver.store.status.statuses import DeviceStatus
from tests.support.facts import Told
from tests.support.linked import linked
from tests.support.shared_store import SharedStore

EITHER_FEED = st.sampled_from(tuple(FEEDS.values()))


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


async def arrive(
    store: SharedStore,
    events: Sequence[Told],
    batches: Sequence[int],
    steps: Sequence[bool],
    feed: Feed = SNAPSHOT,
    *,
    is_derived: bool = False,
) -> None:
    """Stores events in batches, some derived between them, then all again.

    Args:
        batches: how many events each has.
        steps: whether a step of the projection follows each.
        is_derived: whether all the events of the batches are derived in the end.
    """
    projection = await store.clear(feed)
    start = 0
    for size, is_followed in zip(batches, steps, strict=True):
        batch, start = events[start : start + size], start + size
        if batch:
            await store.ingest.commit([event.arrival for event in batch])
        if is_followed:
            await projection.derive(limit=3)
    while is_derived and await projection.derive(limit=3):
        pass
    await store.ingest.commit([event.arrival for event in events])
