"""The seeds of dropped facts and the kept facts answer what all facts do."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from receiver.events.axes import Axis
from receiver.projection import ledger, seeds, status
from receiver.projection.coverage import list_losses
from receiver.projection.fact import Fact, Rank
from receiver.projection.intervals import Interval, cut, list_intervals
from receiver.projection.status import Answer
from tests.support.facts import DEVICES, NOON, Told, told
from tests.support.lengths import lengths
from tests.support.registers import but_since

HISTORIES = st.lists(told(), max_size=25, unique_by=lambda event: event.digest)
# Values that change often, told by a clock that is ahead.
AHEAD = st.lists(
    told(["roaming-on", "roaming-off"]).map(lambda event: event._replace(delay=-4)),
    min_size=3,
    max_size=12,
    unique_by=lambda event: event.digest,
)


def of_one_device(*names: str) -> st.SearchStrategy[list[Told]]:
    """Events of one device that arrive at once, and meet each other often."""
    return st.lists(
        told(names).map(lambda event: event._replace(device=DEVICES[0], delay=0)),
        min_size=3,
        max_size=12,
        unique_by=lambda event: event.digest,
    )


# Subscriptions that end, or are inactive for a while, and others that tell the same.
ENDING = of_one_device("roaming-on", "subscription-ended")
UPDATED = of_one_device("roaming-on", "subscription-updated")
MINUTES = st.integers(-10, 45)


def answer(axis: Axis, facts: Collection[Fact]) -> Answer:
    subscriptions = list(ledger.fold(facts).values())
    found = status.answer(axis, status.fold(facts).get(axis), list_losses(subscriptions))
    # Whether a register knows it hangs on the order of the events.
    return found._replace(since=None)


def find_beginning(axis: Axis, facts: Collection[Fact]) -> datetime | None:
    return status.find_beginning(axis, answer(axis, facts), facts)


def list_kept(axis: Axis, facts: Collection[Fact], kept_from: datetime) -> list[Interval]:
    subscriptions = list(ledger.fold(facts).values())
    return cut(list_intervals(axis, facts, subscriptions), kept_from, None)


def drop(
    events: Collection[Told], kept_from: datetime, dropped: Collection[Fact] = ()
) -> tuple[list[Fact], list[Fact]]:
    """Returns the seeds of what was stored before a moment, and the facts that were stored since.

    Args:
        dropped: the seeds that there are.
    """
    kept = [event.fact for event in events if event.received_at >= kept_from]
    going = [event for event in events if event.received_at < kept_from]
    all_facts = [*dropped, *(event.fact for event in events)]
    afters: Mapping[Axis, Collection[Rank]] = {
        axis: [answer(axis, all_facts).after] for axis in Axis
    }
    parts: dict[str, list[Fact]] = {}
    for fact in dropped:
        parts.setdefault(fact.event_id, []).append(fact)
    for event in going:
        # The place of a fact stands in for its device, as seeds are those of one device.
        place = str(event.device_id)
        parts.setdefault(place, []).append(event.fact._replace(event_id=place))
    found = [seed for part in parts.values() for seed in seeds.list_seeds(part, kept_from, afters)]
    return found, kept


def anonymous(facts: Collection[Fact]) -> list[Fact]:
    return [fact._replace(event_id="") for fact in facts]


def check(before: Sequence[Told], later: Sequence[Told], first: int, second: int) -> None:
    """Drops what was stored before two moments, one after the other, and compares with all facts.

    Args:
        later: events of any time that arrive when all is dropped.
    """
    moments = [NOON + timedelta(minutes=minute) for minute in sorted((first, second))]
    early = [event for event in before if event.received_at < moments[0]]
    found, kept = drop(before, moments[0])
    rest = [event for event in before if event not in early]
    found, kept = drop(rest, moments[1], found)
    whole = [event.fact for event in before]
    left = [*anonymous(found), *kept]
    compare(whole, left, moments[1], is_late=False)
    late = [event.fact for event in later]
    compare([*whole, *late], [*left, *late], moments[1], is_late=True)


def compare(
    whole: Sequence[Fact], left: Sequence[Fact], kept_from: datetime, *, is_late: bool
) -> None:
    assert but_since(status.fold(whole)) == but_since(status.fold(left))
    assert ledger.fold(whole) == ledger.fold(left)
    for axis in Axis:
        assert list_kept(axis, whole, kept_from) == list_kept(axis, left, kept_from)
        since, known_since = find_beginning(axis, whole), find_beginning(axis, left)
        if not is_late or since is None or since >= kept_from:
            assert since == known_since
        else:
            # An event that is later than the month of what it contradicts hides when that began.
            assert known_since is not None
            assert since <= known_since


@pytest.mark.parametrize("examples", lengths(100, 1000))
def test_seeds_and_what_is_kept_answer_what_all_facts_do(examples: int) -> None:
    @settings(max_examples=examples)
    @given(before=HISTORIES, later=st.lists(told(), max_size=4), first=MINUTES, second=MINUTES)
    def answers_are_the_same(
        before: list[Told], later: list[Told], first: int, second: int
    ) -> None:
        known = {event.digest for event in before}
        check(before, [event for event in later if event.digest not in known], first, second)

    answers_are_the_same()


_list_seeds = seeds.list_seeds

# Faults of the seeds: a name in their module, and what stands in its place.
FAULTS: dict[str, tuple[str, object]] = {
    "a value that was known again after a closing began anew": (
        "list_seeds",
        lambda facts, kept_from, _: _list_seeds(facts, kept_from, {}),
    ),
    "the value at the kept moment is lost": (
        "list_seeds",
        lambda facts, _, afters: _list_seeds(facts, NOON + timedelta(days=1), afters),
    ),
    "an axis has no seeds": ("_list_on_axis", lambda *_: []),
    "subscriptions have no seeds": ("_list_of_subscriptions", lambda _: []),
    "no end is kept": ("ENDS", frozenset[str]()),
    "no update is kept": ("UPDATED", "none"),
    "no start is kept": ("STARTED", "none"),
    "the last fact comes first": (
        "_rank",
        lambda fact: (-fact.effective_at.timestamp(), fact.digest),
    ),
}


# Found within a few examples; those of hundreds of examples run with `-m long`.
QUICK = (
    "an axis has no seeds",
    "subscriptions have no seeds",
    "no end is kept",
    "no update is kept",
)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(name, id=name, marks=[] if name in QUICK else [pytest.mark.long])
        for name in FAULTS
    ],
)
def test_a_fault_of_the_seeds_is_found(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    name, wrong = FAULTS[fault]
    monkeypatch.setattr(seeds, name, wrong)

    @settings(
        max_examples=1000, deadline=None, database=None, derandomize=True, phases=(Phase.generate,)
    )
    @given(
        before=st.one_of(HISTORIES, AHEAD, ENDING, UPDATED),
        first=st.integers(0, 12),
        second=st.integers(0, 12),
    )
    def answers_are_the_same(before: list[Told], first: int, second: int) -> None:
        check(before, [], first, second)

    with pytest.raises((AssertionError, IndexError)):
        answers_are_the_same()
