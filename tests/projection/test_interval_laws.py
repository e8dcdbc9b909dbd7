"""Intervals are the same for any order and repetition, and the last one is the status."""

import random

from hypothesis import given
from hypothesis import strategies as st

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.availability import measure_days, sum_days
from receiver.projection.coverage import list_losses
from receiver.projection.intervals import cut, list_intervals
from receiver.projection.sessions import list_sessions
from tests.support.facts import Told, told
from tests.support.intervals import at

HISTORIES = st.lists(told(), max_size=25, unique_by=lambda event: event.digest)
MINUTES = st.integers(-10, 45)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_order_and_repetition_change_no_interval(events: list[Told], chance: random.Random) -> None:
    once = [event.fact for event in events]
    again = once + chance.choices(once, k=len(once) // 2) if once else []
    chance.shuffle(again)
    for axis in Axis:
        subscriptions = [list(ledger.fold(facts).values()) for facts in (once, again)]
        assert list_intervals(axis, once, subscriptions[0]) == list_intervals(
            axis, again, subscriptions[1]
        )


@given(HISTORIES)
def test_the_last_interval_is_the_status(events: list[Told]) -> None:
    facts = [event.fact for event in events]
    subscriptions = list(ledger.fold(facts).values())
    registers = status.fold(facts)
    for axis in Axis:
        intervals = list_intervals(axis, facts, subscriptions)
        answer = status.answer(axis, registers.get(axis), list_losses(subscriptions))
        if answer.latest is None:
            assert intervals == []
            continue
        last = intervals[-1]
        assert last.to_at is None
        if answer.closing is not None:
            assert (last.from_at, last.because) == answer.closing
        else:
            since = status.find_beginning(axis, answer, facts)
            latest = answer.latest
            assert (last.from_at, last.value) == (since, latest.value)
            assert (last.country_code, last.country_name) == latest[2:4]


@given(HISTORIES, MINUTES, st.integers(1, 30))
def test_intervals_lie_end_to_end_and_cover_a_cut(
    events: list[Told], start: int, length: int
) -> None:
    facts = [event.fact for event in events]
    subscriptions = list(ledger.fold(facts).values())
    for axis in Axis:
        found = cut(list_intervals(axis, facts, subscriptions), at(start), at(start + length))
        assert [one.to_at for one in found] == [
            *(one.from_at for one in found[1:]),
            at(start + length),
        ]
        assert found[0].from_at == at(start)
        assert all((one.value is None) == (one.because is not None) for one in found)
        lengths = sum_days(measure_days(found, at(start), at(start + length)))
        assert lengths.total() == length * 60_000_000


@given(HISTORIES)
def test_stays_lie_within_their_session(events: list[Told]) -> None:
    facts = [event.fact for event in events]
    subscriptions = list(ledger.fold(facts).values())
    sessions = list_sessions(
        list_intervals(Axis.ROAMING, facts, subscriptions),
        list_intervals(Axis.COUNTRY, facts, subscriptions),
    )
    for roaming, stays in sessions:
        for stay in stays:
            assert roaming.from_at <= stay.from_at
            assert stay.to_at is None or stay.from_at < stay.to_at
            assert roaming.to_at is None or (stay.to_at is not None and stay.to_at <= roaming.to_at)
