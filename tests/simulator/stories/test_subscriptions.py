"""Subscriptions: every name is told by one that is open, and each arrangement leaves its gaps."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random

import pytest

from receiver.simulator.stories.journeys import NETWORK_TYPE, REACHABILITY, ROAMING, find_family
from receiver.simulator.stories.subscriptions import Arrangement, Pause, Subscription, subscribe

WORDS = {name: name for name in (*ROAMING, *REACHABILITY, NETWORK_TYPE)}
REASONS = ("SUBSCRIPTION_EXPIRED", "NETWORK_TERMINATED")
LENGTH = timedelta(hours=5)
HOUR = timedelta(hours=1)
AT_ONCE = [one for one in Arrangement if one not in (Arrangement.RENEWED, Arrangement.GAP)]


def arranged(
    arrangement: Arrangement, seed: int = 1, words: Mapping[str, str] = WORDS
) -> list[Subscription]:
    rng = Random(seed)  # noqa: S311 - a story must be repeatable, and keeps no secret
    return subscribe(rng, arrangement, words, REASONS, LENGTH)


@pytest.mark.parametrize("arrangement", Arrangement)
@pytest.mark.parametrize("seed", range(5))
def test_at_the_beginning_each_name_is_told_by_one_subscription(
    arrangement: Arrangement, seed: int
) -> None:
    first = [one for one in arranged(arrangement, seed) if one.opened_at == timedelta()]
    names = [name for subscription in first for name in subscription.names]
    assert sorted(names) == sorted(WORDS)
    assert all(one.tells(name, timedelta(minutes=1)) for one in first for name in one.names)


@pytest.mark.parametrize("arrangement", Arrangement)
def test_an_end_has_a_reason_that_the_provider_knows(arrangement: Arrangement) -> None:
    for seed in range(20):
        for one in arranged(arrangement, seed):
            assert (one.ended_at is None) == (one.end_reason == "")
            assert one.ended_at is None or one.end_reason in REASONS


@pytest.mark.parametrize("arrangement", [Arrangement.PER_NAME, Arrangement.PARTLY_ENDED])
def test_a_subscription_per_name_tells_what_the_provider_has_one_word_for(
    arrangement: Arrangement,
) -> None:
    assert {len(one.names) for one in arranged(arrangement)} == {1}
    words = {"roaming-status": "ROAMING", "roaming-change-country": "ROAMING", "roaming-on": "ON"}
    names = [set(one.names) for one in arranged(arrangement, words=words)]
    assert names == [{"roaming-status", "roaming-change-country"}, {"roaming-on"}]


def test_a_renewed_subscription_overlaps_the_next_one_and_a_gap_parts_them() -> None:
    for seed in range(20):
        for arrangement in (Arrangement.RENEWED, Arrangement.GAP):
            subscriptions = arranged(arrangement, seed)
            for one, other in zip(subscriptions[::2], subscriptions[1::2], strict=True):
                assert one.names == other.names
                assert one.ended_at is not None
                assert other.ended_at is None
                assert (other.opened_at < one.ended_at) == (arrangement is Arrangement.RENEWED)


def test_the_ends_of_a_story_come_after_the_journey_and_those_of_a_part_mostly_before() -> None:
    ends = [one.ended_at for seed in range(20) for one in arranged(Arrangement.ENDED, seed)]
    assert all(end is not None and end > LENGTH for end in ends)
    parts = [one for seed in range(20) for one in arranged(Arrangement.PARTLY_ENDED, seed)]
    ended = [one for one in parts if one.ended_at is not None]
    assert 0.3 < len(ended) / len(parts) < 0.7
    assert any(one.ended_at is not None and one.ended_at < LENGTH for one in ended)


def test_one_end_in_three_is_told_late() -> None:
    ended = [one for seed in range(50) for one in arranged(Arrangement.ENDED, seed)]
    late = [one for one in ended if one.end_delay > timedelta()]
    assert 0.2 < len(late) / len(ended) < 0.5


def test_a_pause_is_silent_and_some_never_end() -> None:
    paused = [one.pause for seed in range(20) for one in arranged(Arrangement.PAUSED, seed)]
    assert None not in paused
    assert {None} < {pause and pause.end for pause in paused}
    one = Subscription(frozenset({"roaming-on"}), pause=Pause(HOUR, 2 * HOUR))
    told = [one.tells("roaming-on", hours * HOUR / 2) for hours in range(1, 6)]
    assert told == [True, False, False, True, True]
    for_ever = Subscription(frozenset({"roaming-on"}), pause=Pause(HOUR, None))
    assert not for_ever.tells("roaming-on", 9 * HOUR)


def test_a_subscription_tells_its_own_names_while_it_is_open() -> None:
    one = Subscription(frozenset({"roaming-on"}), opened_at=HOUR, ended_at=2 * HOUR)
    assert [one.tells("roaming-on", hours * HOUR / 2) for hours in range(1, 6)] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert not one.tells("roaming-off", 1.5 * HOUR)


@pytest.mark.parametrize("arrangement", AT_ONCE)
def test_a_provider_of_one_family_has_subscriptions_of_that_family(
    arrangement: Arrangement,
) -> None:
    words = {"reachability-data": "connectivity-data"}
    [one] = arranged(arrangement, words=words)
    assert {find_family(name) for name in one.names} == {"reachability"}
