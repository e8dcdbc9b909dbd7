"""Journeys: what happens to a phone in order, with what the seed chooses, on every Python."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest

from receiver.simulator.stories.journeys import (
    NETWORK_TYPE,
    REACHABILITY,
    ROAMING,
    ROUTES,
    Change,
    Country,
    Moment,
    State,
    describe_change,
    describe_state,
    find_family,
    make_uuid,
    pick,
    travel,
)

FR, BE = Country("FR", 208), Country("BE", 206)


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a journey must be repeatable, and keeps no secret


def countries(changes: list[Change]) -> list[Country | None]:
    """The country after each crossing of a border."""
    crossed = [changes[0].state.country]
    for change in changes:
        if change.state.country != crossed[-1]:
            crossed.append(change.state.country)
    return crossed


@pytest.mark.parametrize("seed", range(20))
def test_a_phone_leaves_home_crosses_a_border_and_comes_home(seed: int) -> None:
    crossed = countries(travel(seeded(seed)))
    assert (crossed[0], crossed[-1]) == (None, None)
    trips = crossed.count(None) - 1
    assert trips in (1, 2)
    for one, other in pairwise(crossed):
        if one is not None and other is not None:
            assert (one, other) in ROUTES or (other, one) in ROUTES


def test_at_a_border_some_phones_change_the_country_within_seconds() -> None:
    hops = Counter[int]()
    for seed in range(100):
        changes = travel(seeded(seed))
        hops[
            sum(
                other.at - one.at < timedelta(seconds=25) and other.state.country is not None
                for one, other in pairwise(changes)
            )
        ] += 1
    assert hops[0] > 10
    assert {2, 4} <= hops.keys()


@pytest.mark.parametrize("seed", range(20))
def test_every_change_is_one_change_and_later_than_the_last(seed: int) -> None:
    changes = travel(seeded(seed))
    assert changes[0] == Change(timedelta(), State())
    for one, other in pairwise(changes):
        assert other.at - one.at >= timedelta(seconds=2)
        assert other.at % timedelta(milliseconds=1) == timedelta()
        assert len(list(describe_change(one.state, other.state))) in (1, 2)


def test_connectivity_is_lost_and_comes_back_by_sms_first() -> None:
    changes = [change.state.connectivity for change in travel(seeded(1))]
    lost = changes.index("NOT_CONNECTED")
    assert changes[lost : lost + 3] == ["NOT_CONNECTED", "CONNECTED_SMS", "CONNECTED_DATA"]


def test_the_same_seed_travels_the_same_way() -> None:
    assert travel(seeded(7)) == travel(seeded(7))
    assert len({str(travel(seeded(seed))) for seed in range(50)}) == 50


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (State(), State(), []),
        (State(), State("NOT_CONNECTED"), [Moment("reachability-disconnected")]),
        (State(), State(network_type="3G"), [Moment(NETWORK_TYPE, {"connectedNetworkType": "3G"})]),
        (
            State(),
            State(country=FR),
            [
                Moment("roaming-on"),
                Moment(
                    "roaming-status", {"roaming": True, "countryCode": 208, "countryName": ["FR"]}
                ),
            ],
        ),
        (
            State(country=FR),
            State(country=BE),
            [Moment("roaming-change-country", {"countryCode": 206, "countryName": ["BE"]})],
        ),
        (
            State(country=BE),
            State(),
            [Moment("roaming-off"), Moment("roaming-status", {"roaming": False})],
        ),
    ],
)
def test_a_change_is_told_by_the_events_that_camara_has_for_it(
    before: State, after: State, expected: list[Moment]
) -> None:
    assert list(describe_change(before, after)) == expected


def test_initial_events_tell_a_state_and_never_a_change_of_country() -> None:
    for country in (None, FR):
        names = [moment.name for moment in describe_state(State("CONNECTED_SMS", "4G", country))]
        assert names == [
            "reachability-sms",
            "roaming-off" if country is None else "roaming-on",
            "roaming-status",
            NETWORK_TYPE,
        ]


def test_an_event_belongs_to_one_family() -> None:
    assert {find_family(name) for name in ROAMING} == {"roaming"}
    assert {find_family(name) for name in REACHABILITY} == {"reachability"}
    assert find_family(NETWORK_TYPE) == "network"


def test_a_pick_is_the_same_in_every_python() -> None:
    rng = seeded(1)
    assert [pick(rng, "abcdef") for _ in range(8)] == list("afebccde")
    assert {pick(rng, "ab") for _ in range(100)} == {"a", "b"}


def test_a_uuid_is_of_version_4_and_comes_from_the_seed() -> None:
    first, again = make_uuid(seeded(1)), make_uuid(seeded(1))
    assert first == again
    assert first[14] == "4"
    assert first[19] in "89ab"
