"""The statement derives what the folds say, for any order, repetition and batching."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from receiver.store.derived.merging import RANK
from receiver.store.projector import projecting
from receiver.store.projector.feeds import SNAPSHOT, Feed
from receiver.store.status.statuses import Statuses
from tests.support.facts import Told, told
from tests.support.lengths import lengths
from tests.support.replaying import EITHER_FEED, answered, arrive, specified
from tests.support.shared_store import SharedStore

# Faults of the statement: a text, and what stands in its place.
FAULTS = {
    "the last event on an axis is its first": (
        "last_value(effective_at) OVER",
        "first_value(effective_at) OVER",
    ),
    "the earliest event decides": (f"ORDER BY {RANK} LIMIT 1", "ORDER BY effective_at LIMIT 1"),
    "another value begins where the latest one does": (
        "lead(later_at) OVER",
        "lead(effective_at) OVER",
    ),
    "a value that came back contradicts itself": (
        "later_value = latest_value AND value <> latest_value",
        "later_value = latest_value",
    ),
    "every earlier event contradicts": ("WHERE known.value <> excluded.value AND", "WHERE"),
    "the latest batch has the first event": (
        "least(known.first_at, excluded.first_at)",
        "excluded.first_at",
    ),
    "a beginning outlives another value that came late": (
        "OR known.since_at > excluded.effective_at",
        "OR true",
    ),
    "a beginning outlives a contradiction of the same value's": (
        "OR known.since_at > excluded.other_at",
        "OR true",
    ),
    "the latest batch begins a value anew": (
        "THEN least(one, two)",
        "THEN two",
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
QUICK = ("every clock is believed", "a beginning outlives another value that came late")
HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)
GENERATE = (Phase.generate,)


async def check(
    store: SharedStore,
    events: Sequence[Told],
    batches: Sequence[int],
    steps: Sequence[bool],
    feed: Feed = SNAPSHOT,
) -> None:
    await arrive(store, events, batches, steps, feed, is_derived=steps[0])
    for device_id in {event.device_id for event in events}:
        found = await Statuses(store.engine).status(device_id)
        assert found is not None
        assert specified(device_id, events) == answered(found)


@pytest.mark.parametrize("examples", lengths(20, 300))
def test_registers_subscriptions_and_links_are_those_of_the_folds(
    shared_store: SharedStore, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(
        events=HISTORIES,
        batches=st.lists(st.integers(0, 5), min_size=6, max_size=6),
        steps=st.lists(st.booleans(), min_size=6, max_size=6),
        feed=EITHER_FEED,
    )
    def derived_rows_are_those_of_the_folds(
        events: list[Told], batches: list[int], steps: list[bool], feed: Feed
    ) -> None:
        shared_store.run(check(shared_store, events, batches, steps, feed))

    derived_rows_are_those_of_the_folds()


def _with_fault(compose: Callable[[Feed], str], right: str, wrong: str) -> Callable[[Feed], str]:
    def compose_wrongly(feed: Feed) -> str:
        return compose(feed).replace(right, wrong)

    return compose_wrongly


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(name, id=name, marks=[] if name in QUICK else [pytest.mark.long])
        for name in FAULTS
    ],
)
def test_a_fault_of_the_statement_is_found(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    right, wrong = FAULTS[fault]
    for name in ("compose_step", "compose_step_to_end"):
        compose = getattr(projecting, name)
        assert right in compose(SNAPSHOT)
        monkeypatch.setattr(projecting, name, _with_fault(compose, right, wrong))

    @settings(max_examples=400, deadline=None, database=None, derandomize=True, phases=GENERATE)
    @given(events=HISTORIES)
    def answers_are_specified(events: list[Told]) -> None:
        halves = [len(events) // 2, len(events), *[0] * 4]
        shared_store.run(check(shared_store, events, halves, [True] * 6))

    with pytest.raises(AssertionError):
        answers_are_specified()
