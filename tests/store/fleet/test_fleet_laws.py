"""The fleet answers what a replay of all events says of each device, page by page."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from receiver.events.axes import Axis
from receiver.store.fleet import candidates, fleet, selection
from receiver.store.fleet.fleet import Fleet, FleetPosition, FleetRow
from receiver.store.fleet.selection import FleetSelection
from receiver.store.projector.feeds import SNAPSHOT, Feed
from receiver.store.status.statuses import Statuses
from tests.support.facts import NOON, Told, told
from tests.support.lengths import lengths
from tests.support.linked import linked, replay_links
from tests.support.replaying import EITHER_FEED, answered, arrive, specified
from tests.support.shared_store import SharedStore

HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)
TIMES = st.none() | st.integers(-3, 40).map(lambda minute: NOON + timedelta(minutes=minute))


def some(*values: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    """No filter more often than not, else one value or several."""
    return st.just(()) | st.just(()) | st.lists(st.sampled_from(values), max_size=2).map(tuple)


SELECTIONS = st.builds(
    FleetSelection,
    roaming=some("true", "false"),
    countries=some("FR", "DE", "AT", "208", "262"),
    connectivity=some("CONNECTED_DATA", "CONNECTED_SMS", "NOT_CONNECTED"),
    network_types=some("4G", "5G"),
    unknown=some(*Axis),
    last_event_from=TIMES,
    last_event_to=TIMES,
)


def list_rows(events: Sequence[Told]) -> set[UUID]:
    """Returns the devices that have a row of their own."""
    links = replay_links(events)
    devices = {event.device_id for event in events}
    return {each for each in devices if each not in links or links[each] in links}


def is_meant(device_id: UUID, events: Sequence[Told], wanted: FleetSelection) -> bool:
    """Tells whether a device passes the filters, by the replay alone."""
    said = specified(device_id, events)
    known: dict[Axis, Any] = {}
    for axis, (latest, country, _, closing) in said.items():
        if closing is None:
            known[axis] = (*latest, *country)  # type: ignore[misc] # both tuples
    roams = known[Axis.ROAMING][0] == "true" if Axis.ROAMING in known else None
    names: list[str] = []
    if roams and Axis.COUNTRY in known and known[Axis.COUNTRY][0] != "":
        code, sent = known[Axis.COUNTRY][-2:]
        names = [*(sent or ()), str(code)]
    devices = {device_id, *linked(device_id, events)}
    last_event_at = max(e.fact.effective_at for e in events if e.device_id in devices)
    unknown = {axis for axis in Axis if axis not in known} - {Axis.COUNTRY}
    if roams is None or (roams and not names):
        unknown.add(Axis.COUNTRY)
    return (
        _passes(known, Axis.ROAMING, wanted.roaming)
        and _passes(known, Axis.CONNECTIVITY, wanted.connectivity)
        and _passes(known, Axis.NETWORK_TYPE, wanted.network_types)
        and (not wanted.countries or not set(names).isdisjoint(wanted.countries))
        and (not wanted.unknown or not unknown.isdisjoint(wanted.unknown))
        and (wanted.last_event_from is None or wanted.last_event_from <= last_event_at)
        and (wanted.last_event_to is None or last_event_at < wanted.last_event_to)
    )


def _passes(known: Mapping[Axis, Any], axis: Axis, values: Collection[str]) -> bool:
    return not values or (axis in known and known[axis][0] in values)


async def walk(fleet: Fleet, wanted: FleetSelection, limit: int) -> list[FleetRow]:
    """Returns all rows that a question means, read page by page."""
    rows: list[FleetRow] = []
    after: FleetPosition | None = None
    while True:
        page, after = await fleet.page(wanted, after=after, limit=limit)
        assert len(page) <= limit
        rows += page
        if after is None:
            return rows


async def check(
    store: SharedStore,
    events: Sequence[Told],
    questions: Sequence[FleetSelection],
    batches: Sequence[int],
    steps: Sequence[bool],
    limits: Sequence[int] = (1, 2, 50),
    feed: Feed = SNAPSHOT,
) -> None:
    await arrive(store, events, batches, steps, feed, is_derived=steps[0])
    for wanted in questions:
        expected = {each for each in list_rows(events) if is_meant(each, events, wanted)}
        for limit in limits:
            rows = await walk(Fleet(store.engine), wanted, limit)
            assert sorted(row.status.device_id for row in rows) == sorted(expected)
            assert rows == sorted(rows, key=lambda row: row.place)
    for status in (row.status for row in rows):
        assert answered(status) == specified(status.device_id, events)
        single = await Statuses(store.engine).status(status.device_id)
        assert single is not None
        assert (single.axes, single.last_event_at) == (status.axes, status.last_event_at)


GENERATE = (Phase.generate,)
# The faults that also run by default; the others with `-m long`.
QUICK = ("links are not followed",)
SINGLE = [
    FleetSelection(roaming=("true",)),
    FleetSelection(connectivity=("CONNECTED_DATA", "NOT_CONNECTED")),
    FleetSelection(last_event_from=NOON + timedelta(minutes=6)),
]
BATCHES = st.lists(st.integers(0, 5), min_size=6, max_size=6)
STEPS = st.lists(st.booleans(), min_size=6, max_size=6)


@pytest.fixture(params=["one step", "many steps"])
def sizes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "many steps":
        monkeypatch.setattr(fleet, "STEP_CANDIDATES", 2)
        monkeypatch.setattr(fleet, "PAGE_STEPS", 2)
        monkeypatch.setattr(candidates, "RARE_LIMIT", 1)
        monkeypatch.setattr(candidates, "WALK_LIMIT", 2)


@pytest.mark.usefixtures("sizes")
@pytest.mark.parametrize("examples", lengths(10, 100))
def test_the_fleet_has_each_device_once_with_the_status_of_a_replay(
    shared_store: SharedStore, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(events=HISTORIES, wanted=SELECTIONS, batches=BATCHES, steps=STEPS, feed=EITHER_FEED)
    def the_fleet_is_that_of_a_replay(
        events: list[Told],
        wanted: FleetSelection,
        batches: list[int],
        steps: list[bool],
        feed: Feed,
    ) -> None:
        questions = [wanted, FleetSelection()]
        shared_store.run(check(shared_store, events, questions, batches, steps, feed=feed))

    the_fleet_is_that_of_a_replay()


COMPOSE_TAIL_DEVICES = candidates.compose_tail_devices

# Faults of the fleet: where, and what stands there.
FAULTS: dict[str, tuple[ModuleType, str, object]] = {
    "links are not followed": (fleet, "find_links", lambda _: {}),
    "a link has two hops": (fleet, "find_row", lambda each, links: links.get(each, each)),
    "a device that stands for another has a row": (fleet, "find_row", lambda each, _: each),
    "a row comes only with the device itself": (
        fleet,
        "find_place",
        lambda devices, *_: next(iter(devices)),
    ),
    "the tail names no candidates": (
        candidates,
        "compose_tail_devices",
        lambda behind: COMPOSE_TAIL_DEVICES(behind).replace("LIMIT %(limit)s", "LIMIT 0"),
    ),
    "a walk ends with what it found": (
        candidates,
        "BY_TIME",
        candidates.BY_TIME.replace(
            "OR device_id = (SELECT device_id FROM walk ORDER BY device_id DESC LIMIT 1)", ""
        ),
    ),
    "an unknown value is a value": (
        selection,
        "_read_known",
        lambda answer: None if answer.latest is None else answer.latest.value,
    ),
}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(name, id=name, marks=[] if name in QUICK else [pytest.mark.long])
        for name in FAULTS
    ],
)
def test_a_fault_of_the_fleet_is_found(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    module, name, wrong = FAULTS[fault]
    monkeypatch.setattr(candidates, "RARE_LIMIT", 0)
    monkeypatch.setattr(candidates, "WALK_LIMIT", 2)
    monkeypatch.setattr(module, name, wrong)

    @settings(
        max_examples=600,
        deadline=None,
        database=None,
        derandomize=True,
        phases=GENERATE,
        report_multiple_bugs=False,
    )
    @given(events=HISTORIES, questions=st.lists(SELECTIONS, max_size=10), steps=STEPS)
    def answers_are_those_of_a_replay(
        events: list[Told], questions: list[FleetSelection], steps: list[bool]
    ) -> None:
        halves = [len(events) // 2, len(events), *[0] * 4]
        questions = [*questions, *SINGLE, FleetSelection()]
        shared_store.run(check(shared_store, events, questions, halves, steps, [50]))

    with pytest.raises(AssertionError):
        answers_are_those_of_a_replay()
