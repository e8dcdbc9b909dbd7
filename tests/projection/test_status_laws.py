"""The folds give the same for any order and repetition, and what a replay in time gives."""

import random
from collections.abc import Sequence
from datetime import datetime
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.coverage import find_uncovering, list_losses
from receiver.projection.fact import Fact, Rank
from receiver.projection.ledger import Closing
from receiver.projection.status import Register
from tests.support.facts import Told, told
from tests.support.registers import but_since

HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)


def facts_of(events: Sequence[Told]) -> list[Fact]:
    return [event.fact for event in events]


@given(HISTORIES, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(events: list[Told], chance: random.Random) -> None:
    once = facts_of(events)
    again = once + chance.choices(once, k=len(once) // 2)
    chance.shuffle(again)
    assert but_since(status.fold(once)) == but_since(status.fold(again))
    assert ledger.fold(once) == ledger.fold(again)


@given(HISTORIES, st.integers(1, 5))
def test_parts_that_are_merged_are_the_whole(events: list[Told], parts: int) -> None:
    facts = facts_of(events)
    merged = [status.fold(facts[start::parts]) for start in range(parts)]
    whole = status.fold(facts)
    for axis in Axis:
        registers = [part[axis] for part in merged if axis in part]
        one = {axis: reduce(status.merge, registers)} if registers else {}
        assert but_since({axis: whole[axis]} if axis in whole else {}) == but_since(one)
        for register in one.values():
            assert register.since in (None, begin(axis, register, facts))


@given(HISTORIES)
def test_since_when_a_value_holds_is_known_where_nothing_comes_late(events: list[Told]) -> None:
    # Of one moment, where the time does not tell which was first, the events are asked.
    of_moments = {fact.effective_at: fact for fact in facts_of(events)}
    facts = [of_moments[at] for at in sorted(of_moments)]
    for axis, register in status.fold(facts).items():
        assert register.since == begin(axis, register, facts)


def begin(axis: Axis, register: Register, facts: Sequence[Fact]) -> datetime:
    """Returns when the first event of the value above the contradiction counts."""
    points = [point for fact in facts if (point := status.read_points(fact).get(axis)) is not None]
    return min(
        point.rank.at
        for point in points
        if point.value == register.latest.value and point.rank > register.contradiction
    )


@given(HISTORIES)
def test_an_answer_is_what_a_replay_in_time_gives(events: list[Told]) -> None:
    facts = facts_of(events)
    registers = status.fold(facts)
    subscriptions = list(ledger.fold(facts).values())
    for axis in Axis:
        answer = status.answer(axis, registers.get(axis), list_losses(subscriptions))
        since = status.find_beginning(axis, answer, facts)
        value = None if answer.latest is None else answer.latest.value
        assert (value, since, answer.closing) == replay(axis, facts)


def replay(axis: Axis, facts: Sequence[Fact]) -> tuple[str | None, datetime | None, Closing | None]:
    """Goes through events and closings in time, and changes value, beginning and closing."""
    subscriptions = list(ledger.fold(facts).values())
    moments: list[tuple[Rank | Closing, str | None]] = [
        (point.rank, point.value)
        for fact in facts
        if (point := status.read_points(fact).get(axis)) is not None
    ]
    losses = list_losses(subscriptions)
    moments += [(each.closing, None) for each in subscriptions if each.closing is not None]
    # At one moment events come first, by their rank.
    moments.sort(key=lambda moment: (moment[0].at, moment[1] is None, moment[0]))
    value, since, ended = None, None, None
    for moment, said in moments:
        if isinstance(moment, Rank):
            if said != value or ended is not None:
                value, since, ended = said, moment.at, None
        elif value is not None and ended is None:
            ended = moment if moment in find_uncovering(axis, value, losses) else None
    return value, since, ended
