"""The questions answer what the folds say was when, for any order, repetition and batching."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from receiver.events.axes import Axis
from receiver.projection.availability import Lengths, measure_days
from receiver.projection.intervals import cut
from receiver.store.timelines import timelines
from receiver.store.timelines.intervals import DAYS, INTERVALS
from receiver.store.timelines.timelines import Timelines
from tests.support.facts import Told, told
from tests.support.intervals import at
from tests.support.lengths import lengths
from tests.support.replayed_timelines import history, sessions
from tests.support.replaying import arrive
from tests.support.shared_store import SharedStore

# Faults of the questions: a text, and what stands in its place.
FAULTS = {
    "nothing before the range is looked at": ("AND %(is_seeded)s", "AND false"),
    "the oldest event before the range counts": (
        "ORDER BY occurred_at DESC, specificity DESC, digest DESC LIMIT 1",
        "ORDER BY occurred_at LIMIT 1",
    ),
    "an event whose time is not believed is none": (
        "AND occurred_at - received_at > interval '5 minutes' AND received_at >=",
        "AND false AND received_at >=",
    ),
    "all names are equally specific": ("'roaming-change-country' THEN 3", "'none' THEN 3"),
    "the last minutes are not read": (
        "occurred_at < %(scan_stop)s",
        "occurred_at < %(scan_stop)s - interval '2 minutes'",
    ),
    "a closing comes before the events of its moment": ("at, is_closing,", "at,"),
    "every closing uncovers": ("lost & 15 <> 0 AND told & 15 = 0", "true"),
    "no way out counts": ("held = ", "false AND held = "),
    "what is told elsewhere does not count": ("told & 15 = 0", "true"),
    "home has every way out": ("held <> ''", "true"),
    "the same value again is a change": (
        "value IS DISTINCT FROM lag(value)",
        "true OR value IS DISTINCT FROM lag(value)",
    ),
    "what lasts no time is shown": ("OR to_at > at", "OR true"),
    "the first event names the country": (
        "ORDER BY number, at DESC, specificity DESC",
        "ORDER BY number, at, specificity",
    ),
    "before the first event is nothing": ("HAVING min(at) > %(start)s OR", "HAVING"),
    "what ended before the range is in it": ("OR to_at > %(start)s", "OR true"),
    "a day ends with the range": ("least(to_at, day + interval '24 hours', ", "least(to_at, "),
    "a day begins with the interval": ("greatest(from_at, day, ", "greatest(from_at, "),
    "what goes on after the range counts": (
        "least(to_at, day + interval '24 hours', %(end)s)",
        "least(to_at, day + interval '24 hours')",
    ),
}
# Those that also run by default, found within a few examples; the others with `-m long`.
QUICK = ("nothing before the range is looked at", "a day begins with the interval")
# Minutes of a range; a longer one goes over midnight.
LENGTHS = st.integers(1, 40) | st.integers(700, 1500)
STARTS = st.integers(-5, 13)
HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)
GENERATE = (Phase.generate,)


async def check_device(
    answers: Timelines, device_id: UUID, events: Sequence[Told], start: datetime, end: datetime
) -> None:
    async with answers.of(device_id) as timeline:
        assert timeline is not None
        for axis in Axis:
            whole = history(device_id, events, axis)
            assert timeline.first_at(axis) == (whole[0].from_at if whole else None)
            for stop in (end, None):
                expected = cut(history(device_id, events, axis, stop), start, stop)
                found = await timeline.intervals(axis, start, stop, order="asc", limit=100)
                assert expected == found
                newest = await timeline.intervals(axis, start, stop, order="desc", limit=2)
                assert expected[::-1][:2] == newest
                assert all(timeline.last_at(axis) >= one.from_at for one in whole)  # type: ignore[operator]
            days: Mapping[date, Lengths] = measure_days(whole, start, end)
            assert days == await timeline.measure_days(axis, start, end)
        for stop in (end, None):
            expected_sessions = sessions(device_id, events, start, stop)
            for order in ("asc", "desc"):
                ordered = expected_sessions if order == "asc" else expected_sessions[::-1]
                found_sessions = await timeline.sessions(start, stop, order=order, limit=100)
                assert ordered == found_sessions


async def check(
    store: SharedStore,
    events: Sequence[Told],
    batches: Sequence[int],
    steps: Sequence[bool],
    start: datetime,
    end: datetime,
) -> None:
    await arrive(store, events, batches, steps)
    for device_id in {event.device_id for event in events}:
        await check_device(Timelines(store.engine), device_id, events, start, end)


@pytest.mark.parametrize("examples", lengths(10, 100))
def test_what_was_when_is_what_the_folds_say(shared_store: SharedStore, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(
        events=HISTORIES,
        batches=st.lists(st.integers(0, 5), min_size=4, max_size=4),
        steps=st.lists(st.booleans(), min_size=4, max_size=4),
        start=STARTS,
        length=LENGTHS,
    )
    def answers_are_those_of_the_folds(
        events: list[Told], batches: list[int], steps: list[bool], start: int, length: int
    ) -> None:
        shared_store.run(check(shared_store, events, batches, steps, at(start), at(start + length)))

    answers_are_those_of_the_folds()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(name, id=name, marks=[] if name in QUICK else [pytest.mark.long])
        for name in FAULTS
    ],
)
def test_a_fault_of_the_questions_is_found(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    right, wrong = FAULTS[fault]
    assert any(right in question for question in (*INTERVALS.values(), *DAYS.values()))
    for name, sound in (("INTERVALS", INTERVALS), ("DAYS", DAYS)):
        faulty = {key: question.replace(right, wrong) for key, question in sound.items()}
        monkeypatch.setattr(timelines, name, faulty)

    @settings(max_examples=600, deadline=None, database=None, derandomize=True, phases=GENERATE)
    @given(events=HISTORIES, start=STARTS, length=LENGTHS)
    def answers_are_specified(events: list[Told], start: int, length: int) -> None:
        halves = [len(events) // 2, len(events), 0, 0]
        steps = [True] * 4
        shared_store.run(check(shared_store, events, halves, steps, at(start), at(start + length)))

    with pytest.raises(AssertionError):
        answers_are_specified()
