"""The drop of a month changes no status, no count, and no interval of the time that is kept."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.availability import measure_days
from receiver.projection.coverage import list_losses
from receiver.projection.intervals import cut, keep
from receiver.projection.seeds import list_seeds
from receiver.projection.sessions import list_sessions
from receiver.projection.subscriptions.forecast import Moment, Tally, count, retire
from receiver.store.connections.engine import reading
from receiver.store.projector.projecting import START_REBUILD
from receiver.store.retention import seeding
from receiver.store.status.statuses import Statuses
from receiver.store.subscriptions.tallies import COUNTED_EVENTS, count_events
from receiver.store.timelines.timelines import Timelines
from tests.support.dropping import drop
from tests.support.facts import DEVICES, NOON, Told, told
from tests.support.intervals import at
from tests.support.lengths import lengths
from tests.support.linked import linked, replay_links
from tests.support.registered import NOTHING
from tests.support.replayed_timelines import facts_of, history
from tests.support.replaying import answered, specified
from tests.support.shared_store import SharedStore

HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)
# One device, whose subscriptions end while others tell the same.
ENDING = st.lists(
    told(["roaming-on", "subscription-ended"]).map(
        lambda event: event._replace(device=DEVICES[0], delay=0)
    ),
    min_size=4,
    max_size=9,
    unique_by=lambda event: event.digest,
)
GENERATE = (Phase.generate,)
# Few names, so that values change and end often.
NAMES = ("network-type-changed", "roaming-off", "roaming-on", "subscription-ended")
BUSY = st.lists(told(NAMES), min_size=10, max_size=25, unique_by=lambda event: event.digest)
END = at(60)

# Faults of the statements: a statement, a text in it, and what stands in its place.
FAULTS = {
    "the first on an axis is lost": ("SEED", "OR from_first = 1", ""),
    "the value at the moment is lost": ("SEED", "OR from_moment = 1", ""),
    "the latest other value is lost": ("SEED", "OR (value <> latest_value", "OR (false"),
    "the beginning of a value is lost": ("SEED", "OR (others_since = 0", "OR (false"),
    "ends are lost": ("SEED", "OR (is_latest_kept", "OR (false"),
    "names are lost": ("SEED", "WHERE from_first = 1 OR", "WHERE"),
    "values that were known again began anew": (
        "BEGUN",
        "WHERE event.stored_at <",
        "WHERE false AND event.stored_at <",
    ),
    "every clock is believed": ("SEED", "THEN received_at ELSE", "THEN occurred_at ELSE"),
}
QUICK = ("names are lost", "ends are lost")


async def check_device(
    engine: AsyncEngine, one: Told, events: Sequence[Told], kept_from: datetime, *, is_late: bool
) -> None:
    found = await Statuses(engine).status(one.device_id)
    assert found is not None
    expected, known = specified(one.device_id, events), answered(found)
    for axis in Axis:
        since, known_since = expected[axis][2], known[axis][2]
        if is_late and isinstance(since, datetime) and since < kept_from:
            # An event that is later than the month of what it contradicts hides when that began.
            assert isinstance(known_since, datetime)
            assert since <= known_since
            known[axis] = (*known[axis][:2], since, *known[axis][3:])
        assert expected[axis] == known[axis]
    async with Timelines(engine).of(one.device_id) as timeline:
        assert timeline is not None
        kept = {axis: keep(history(one.device_id, events, axis), kept_from) for axis in Axis}
        for axis, whole in kept.items():
            for start in (at(-20), kept_from, at(5)):
                intervals = cut(whole, start, END)
                for order in ("asc", "desc"):
                    ordered = intervals if order == "asc" else intervals[::-1]
                    assert ordered == await timeline.intervals(
                        axis, start, END, order=order, limit=100
                    )
                days = measure_days(whole or intervals, start, END)
                assert days == await timeline.measure_days(axis, start, END)
        roaming = cut(kept[Axis.ROAMING], kept_from, END)
        countries = history(one.device_id, events, Axis.COUNTRY, END)
        assert list_sessions(roaming, keep(countries, kept_from)) == await timeline.sessions(
            kept_from, END, order="asc", limit=100
        )


def count_all(
    events: Sequence[Told], kept_from: datetime, later: Sequence[Told]
) -> dict[tuple[str, str], Tally]:
    """The counts of each subscription, those of what was dropped apart."""
    moments: dict[tuple[str, str], tuple[list[Moment], list[Moment]]] = {}
    for event in (*events, *later):
        is_kept = event in later or event.received_at >= kept_from
        if event.subscription_id is not None:
            key = "operator", event.subscription_id
            kept_or_dropped = moments.setdefault(key, ([], []))
            moment = Moment(event.name, event.fact.effective_at, is_charged=True)
            kept_or_dropped[0 if is_kept else 1].append(moment)
    return {key: count(kept, NOON, retire(dropped)) for key, (kept, dropped) in moments.items()}


async def check(
    store: SharedStore,
    events: Sequence[Told],
    later: Sequence[Told],
    kept_from: datetime,
    *,
    is_rebuilt: bool,
    earlier: datetime | None = None,
) -> None:
    """Drops what was received before a moment, and compares all answers with the folds.

    Args:
        later: events that arrive when all is dropped.
        earlier: a moment before which events were dropped already.
    """
    projection = await store.clear()
    await store.ingest.commit([event.arrival for event in events])
    await projection.derive_all()
    if earlier is not None:
        await drop(store.connection, earlier)
    await drop(store.connection, kept_from)
    if later:
        await store.ingest.commit([event.arrival for event in later])
    if is_rebuilt:
        await store.connection.execute(START_REBUILD.encode())
        while await projection.derive(limit=2):
            pass
    every = [*events, *later]
    for one in {event.device_id: event for event in every}.values():
        await check_device(store.engine, one, every, kept_from, is_late=bool(later))
    if earlier is not None:
        # Counts are those of whole months, and both moments are of one.
        return
    expected = count_all(events, kept_from, later)
    async with reading(store.engine) as connection:
        counted = await count_events(connection, list(expected), NOON, COUNTED_EVENTS)
    for key, tally in expected.items():
        # What was dropped is not of the latest days.
        assert tally._replace(lately=0) == counted[key].tally._replace(lately=0)


@pytest.mark.parametrize("examples", lengths(15, 150))
def test_answers_outlive_the_events_that_gave_them(month_store: SharedStore, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(
        events=HISTORIES,
        later=st.lists(told(), max_size=3),
        minute=st.integers(-8, 20),
        is_rebuilt=st.booleans(),
    )
    def answers_stay(
        events: list[Told], later: list[Told], minute: int, *, is_rebuilt: bool
    ) -> None:
        known = {event.digest for event in events}
        late = [event for event in later if event.digest not in known][:1]
        month_store.run(check(month_store, events, late, at(minute), is_rebuilt=is_rebuilt))

    answers_stay()


@pytest.mark.parametrize("examples", lengths(10, 100))
def test_answers_outlive_what_is_dropped_one_after_the_other(
    month_store: SharedStore, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(
        events=st.one_of(HISTORIES, BUSY),
        minutes=st.tuples(st.integers(-8, 20), st.integers(0, 10)),
        is_rebuilt=st.booleans(),
    )
    def answers_stay(events: list[Told], minutes: tuple[int, int], *, is_rebuilt: bool) -> None:
        first, length = minutes
        last, earlier = at(first + length), at(first)
        month_store.run(
            check(month_store, events, [], last, is_rebuilt=is_rebuilt, earlier=earlier)
        )

    answers_stay()


async def check_seeds(store: SharedStore, events: Sequence[Told], kept_from: datetime) -> None:
    """Drops what was received before a moment, and looks for the seeds that are specified."""
    projection = await store.clear()
    await store.ingest.commit([event.arrival for event in events])
    await projection.derive_all()
    await drop(store.connection, kept_from, steps=100)
    cursor = await store.connection.execute("SELECT encode(digest, 'hex') FROM event_seed")
    found = {digest for (digest,) in await cursor.fetchall()}
    for row in {event.device_id for event in events}:
        devices = {row, *linked(row, events)}
        facts = facts_of(row, events)
        registers, losses = status.fold(facts), list_losses(ledger.fold(facts).values())
        afters = {axis: [status.answer(axis, registers.get(axis), losses).after] for axis in Axis}
        for device in devices:
            dropped = [
                event.fact
                for event in events
                if event.device_id == device and event.received_at < kept_from
            ]
            # What stands for another device counts in the row of that one.
            is_row = row not in replay_links(events, NOTHING)
            seeds = list_seeds(dropped, kept_from, afters if is_row else {})
            assert {seed.digest.hex() for seed in seeds} <= found


@pytest.mark.parametrize("examples", lengths(25, 300))
def test_every_seed_that_is_specified_is_copied(month_store: SharedStore, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(events=st.one_of(HISTORIES, BUSY), minute=st.integers(-8, 20))
    def seeds_are_copied(events: list[Told], minute: int) -> None:
        month_store.run(check_seeds(month_store, events, at(minute)))

    seeds_are_copied()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(name, id=name, marks=[] if name in QUICK else [pytest.mark.long])
        for name in FAULTS
    ],
)
def test_a_fault_of_the_seeds_is_found(
    month_store: SharedStore, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    statement, right, wrong = FAULTS[fault]
    sound = getattr(seeding, statement)
    assert right in sound
    monkeypatch.setattr(seeding, statement, sound.replace(right, wrong))

    @settings(max_examples=300, deadline=None, database=None, derandomize=True, phases=GENERATE)
    @given(
        events=ENDING if statement == "BEGUN" else st.one_of(BUSY, HISTORIES),
        minute=st.integers(0, 20),
    )
    def seeds_are_copied(events: list[Told], minute: int) -> None:
        month_store.run(check_seeds(month_store, events, at(minute)))

    with pytest.raises(AssertionError):
        seeds_are_copied()
