"""The statement derives what the folds say, for any order, repetition and batching."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.status import NEVER_REPORTED
from receiver.store.connections.engine import question_engine
from receiver.store.derived import projecting
from receiver.store.derived.derivation import RANK
from receiver.store.derived.projecting import Projection
from receiver.store.derived.reading import DeviceStatus, Statuses
from receiver.store.events.ingest import Ingest
from tests.support.facts import Told, told

# Faults of the statement: a text, and what stands in its place.
FAULTS = {
    "the last event on an axis is its first": ("min(effective_at) OVER", "max(effective_at) OVER"),
    "the earliest event decides": (f"ORDER BY {RANK} LIMIT 1", "ORDER BY effective_at LIMIT 1"),
    "every earlier event contradicts": ("WHERE known.value <> excluded.value AND", "WHERE"),
    "the latest batch has the first event": (
        "least(known.first_at, excluded.first_at)",
        "excluded.first_at",
    ),
    "the latest batch has all names": ("known.names | excluded.names,", "excluded.names,"),
    "one name is all that a batch tells": ("bit_or(told)", "max(told)"),
    "the earliest end counts": ("ORDER BY moment DESC", "ORDER BY moment"),
    "every clock is believed": ("THEN received_at ELSE", "THEN occurred_at ELSE"),
    "all names are equally specific": ("'roaming-change-country' THEN 3", "'none' THEN 3"),
    "home is no country": ("roaming IS FALSE THEN ''", "roaming IS FALSE THEN NULL"),
    "an identifier is as good as a phone number": (
        "phone_number IS NOT NULL THEN 3",
        "false THEN 3",
    ),
}
# Those that also run by default; the others with `-m long`.
QUICK = ("every clock is believed", "all names are equally specific")
HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)
GENERATE = (Phase.generate,)
CLEAR = "TRUNCATE event, event_identity, device_status, subscription, device_identifier"


def linked(device_id: UUID, events: Sequence[Told]) -> set[UUID]:
    """Returns the devices that stand for this one, by looking at every event."""
    stronger: dict[UUID, set[UUID]] = {}
    for weak in events:
        for strong in events:
            meets_by_subscription = (
                weak.device.phone_number is None
                and weak.device.network_access_identifier is None
                and weak.subscription_id is not None
                and weak.subscription_id == strong.subscription_id
                and strong.device != weak.device
            )
            nai = weak.device.network_access_identifier
            meets_by_nai = (
                weak.device.phone_number is None
                and nai is not None
                and nai == strong.device.network_access_identifier
                and strong.device.phone_number is not None
            )
            if meets_by_subscription or meets_by_nai:
                stronger.setdefault(weak.device_id, set()).add(strong.device_id)
    return {weak for weak, those in stronger.items() if those == {device_id}}


def specified(device_id: UUID, events: Sequence[Told]) -> dict[Axis, tuple[object, ...]]:
    """Returns value, beginning, confirmation and closing on each axis, by the folds alone."""
    devices = {device_id, *linked(device_id, events)}
    facts = [event.fact for event in events if event.device_id in devices]
    registers = status.fold(facts)
    subscriptions = list(ledger.fold(facts).values())
    found: dict[Axis, tuple[object, ...]] = {}
    for axis in Axis:
        answer = status.answer(axis, registers.get(axis), subscriptions)
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


async def check(
    conninfo: str, events: Sequence[Told], batches: Sequence[int], steps: Sequence[bool]
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(CLEAR)
    engine: AsyncEngine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=10, prepare_threshold=None
    )
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    projection = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
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
        for device_id in {event.device_id for event in events}:
            found = await Statuses(engine).status(device_id)
            assert found is not None
            assert specified(device_id, events) == answered(found)
    finally:
        await projection.close()
        await ingest.close()
        await engine.dispose()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    events=HISTORIES,
    batches=st.lists(st.integers(0, 5), min_size=6, max_size=6),
    steps=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_registers_subscriptions_and_links_are_those_of_the_folds(
    module_conninfo: str, events: list[Told], batches: list[int], steps: list[bool]
) -> None:
    asyncio.run(check(module_conninfo, events, batches, steps))


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(name, id=name, marks=[] if name in QUICK else [pytest.mark.long])
        for name in FAULTS
    ],
)
def test_a_fault_of_the_statement_is_found(
    module_conninfo: str, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    right, wrong = FAULTS[fault]
    assert right in projecting.STEP
    monkeypatch.setattr(projecting, "STEP", projecting.STEP.replace(right, wrong))

    @settings(max_examples=400, deadline=None, database=None, derandomize=True, phases=GENERATE)
    @given(events=HISTORIES)
    def answers_are_specified(events: list[Told]) -> None:
        halves = [len(events) // 2, len(events), *[0] * 4]
        asyncio.run(check(module_conninfo, events, halves, [True] * 6))

    with pytest.raises(AssertionError):
        answers_are_specified()
