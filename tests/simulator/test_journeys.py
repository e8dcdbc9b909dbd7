"""Journeys: a day in a fixed order, with what the seed chooses, the same on every Python."""

from collections import Counter
from random import Random

import pytest

from receiver.simulator.journeys import (
    REACHABILITY,
    ROUTES,
    SUBSCRIPTIONS,
    Moment,
    make_uuid,
    pick,
    travel,
)

REASONS = ("SUBSCRIPTION_EXPIRED", "NETWORK_TERMINATED")


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a journey must be repeatable, and keeps no secret


def journey(seed: int) -> list[Moment]:
    return list(travel(seeded(seed), REASONS))


@pytest.mark.parametrize("seed", range(20))
def test_each_subscription_starts_first_and_ends_last(seed: int) -> None:
    moments = journey(seed)
    size = len(SUBSCRIPTIONS)
    assert [one.name for one in moments[: 2 * size : 2]] == ["subscription-started"] * size
    assert [one.subscription for one in moments[: 2 * size : 2]] == list(SUBSCRIPTIONS)
    ends = moments[-size:]
    assert [one.subscription for one in ends] == list(SUBSCRIPTIONS)
    assert {one.name for one in ends} == {"subscription-ended"}
    assert {one.members["terminationReason"] for one in ends} <= set(REASONS)
    between = moments[2 * size : -size]
    assert not any(one.name.startswith("subscription-") for one in between)


@pytest.mark.parametrize("seed", range(20))
def test_a_phone_leaves_crosses_a_border_and_comes_home(seed: int) -> None:
    roaming = [one for one in journey(seed) if one.name.startswith("roaming-")]
    assert [one.name for one in roaming] == [
        "roaming-on",
        "roaming-status",
        "roaming-change-country",
        "roaming-off",
        "roaming-status",
    ]
    _, abroad, crossed, _, home = roaming
    route = tuple(
        (one.members["countryName"][0], one.members["countryCode"])  # type: ignore[index] # a list
        for one in (abroad, crossed)
    )
    assert route in ROUTES
    assert (abroad.members["roaming"], home.members) == (True, {"roaming": False})


def test_connectivity_is_lost_and_comes_back_once_or_twice() -> None:
    losses = Counter(
        sum(one.name == "reachability-disconnected" for one in journey(seed)) for seed in range(100)
    )
    assert set(losses) == {1, 2}
    names = [one.name for one in journey(1) if one.name in REACHABILITY]
    assert tuple(names[1:4]) == REACHABILITY


def test_the_same_seed_travels_the_same_way() -> None:
    assert journey(7) == journey(7)
    assert len({str(journey(seed)) for seed in range(50)}) > 40


def test_a_moment_belongs_to_the_family_of_its_subscription() -> None:
    families = {one.subscription: one.family for one in journey(1)}
    assert {families[subscription] for subscription in SUBSCRIPTIONS} == {
        "roaming",
        "reachability",
        "network",
    }


def test_a_pick_is_the_same_in_every_python() -> None:
    rng = seeded(1)
    assert [pick(rng, "abcdef") for _ in range(8)] == list("afebccde")
    assert {pick(rng, "ab") for _ in range(100)} == {"a", "b"}


def test_a_uuid_is_of_version_4_and_comes_from_the_seed() -> None:
    first, again = make_uuid(seeded(1)), make_uuid(seeded(1))
    assert first == again
    assert first[14] == "4"
    assert first[19] in "89ab"
