"""Journeys of phones, and the events that tell of them, in the words of the newest API versions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import NamedTuple, TypeVar
from uuid import UUID

T = TypeVar("T")
Members = Mapping[str, object]


class Country(NamedTuple):
    """A country: its ISO 3166 alpha-2 code, and its mobile country code (ITU-T E.212)."""

    name: str
    code: int


# Two countries that share a border.
ROUTES = (
    (Country("FR", 208), Country("BE", 206)),
    (Country("ES", 214), Country("FR", 208)),
    (Country("AT", 232), Country("IT", 222)),
    (Country("NL", 204), Country("DE", 262)),
    (Country("CH", 228), Country("IT", 222)),
    (Country("CZ", 230), Country("PL", 260)),
)
NETWORK_TYPES = ("2G", "3G", "4G", "5G", "UNKNOWN")

ROAMING = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
# By what reaches the phone.
REACHABILITY_NAMES = {
    "CONNECTED_DATA": "reachability-data",
    "CONNECTED_SMS": "reachability-sms",
    "NOT_CONNECTED": "reachability-disconnected",
}
REACHABILITY = tuple(REACHABILITY_NAMES.values())
NETWORK_TYPE = "network-type-changed"


@dataclass(frozen=True, slots=True)
class State:
    """What is true of a phone.

    Attributes:
        connectivity: CONNECTED_DATA, CONNECTED_SMS or NOT_CONNECTED.
        country: in which it roams; None: it is at home.
    """

    connectivity: str = "CONNECTED_DATA"
    network_type: str = "5G"
    country: Country | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One event that tells of a phone or of a subscription.

    Attributes:
        name: the event name.
        members: the members of its data, without device and subscription.
    """

    name: str
    members: Members = field(default_factory=dict)


class Change(NamedTuple):
    """From when on a state is true, counted from the beginning of the journey."""

    at: timedelta
    state: State


def find_family(name: str) -> str:
    """Returns the family of an event of a phone: `roaming`, `reachability` or `network`."""
    return name.partition("-")[0]


def travel(rng: Random) -> list[Change]:
    """Returns what happens to a phone on one or two trips, in order of time.

    On each it crosses two borders and comes home. At the second border its network is now that of
    the one country and now that of the other.
    """
    at, state = timedelta(), State()
    changes = [Change(at, state)]

    def go_on(seconds: float, **changed: object) -> None:
        nonlocal at, state
        at += timedelta(milliseconds=1 + int(seconds * 1000))
        state = replace(state, **changed)  # type: ignore[arg-type] # of the types of a state
        changes.append(Change(at, state))

    def lose_connectivity() -> None:
        for connectivity in ("NOT_CONNECTED", "CONNECTED_SMS", "CONNECTED_DATA"):
            go_on(_wait(rng), connectivity=connectivity)

    for _ in range(1 + int(rng.random() * 2)):
        first, second = pick(rng, ROUTES)
        if rng.random() < 0.5:
            lose_connectivity()
        go_on(_wait(rng), country=first)
        go_on(_wait(rng), network_type=_pick_other(rng, NETWORK_TYPES, state.network_type))
        lose_connectivity()
        go_on(_wait(rng), country=second)
        for _ in range(int(rng.random() * 3)):
            for country in (first, second):
                go_on(2 + 18 * rng.random(), country=country)
        if rng.random() < 0.5:
            lose_connectivity()
        go_on(_wait(rng), country=None)
        go_on(_wait(rng), network_type=_pick_other(rng, ("4G", "5G"), state.network_type))
    return changes


def describe_change(before: State, after: State) -> Iterator[Moment]:
    """Yields the events that tell of a change; a change of country abroad leaves roaming alone."""
    if after.connectivity != before.connectivity:
        yield Moment(REACHABILITY_NAMES[after.connectivity])
    if after.country != before.country:
        if before.country is None or after.country is None:
            yield from _describe_roaming(after)
        else:
            yield Moment("roaming-change-country", _name_country(after.country))
    if after.network_type != before.network_type:
        yield Moment(NETWORK_TYPE, {"connectedNetworkType": after.network_type})


def describe_state(state: State) -> Iterator[Moment]:
    """Yields the initial events of subscriptions, which tell the state that they found."""
    yield Moment(REACHABILITY_NAMES[state.connectivity])
    yield from _describe_roaming(state)
    yield Moment(NETWORK_TYPE, {"connectedNetworkType": state.network_type})


def pick(rng: Random, choices: Sequence[T]) -> T:
    """Returns one of the choices, the same in every Python version, unlike `Random.choice`."""
    return choices[int(rng.random() * len(choices))]


def make_uuid(rng: Random) -> str:
    """Returns a UUID of version 4."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def _describe_roaming(state: State) -> Iterator[Moment]:
    if state.country is None:
        yield Moment("roaming-off")
        yield Moment("roaming-status", {"roaming": False})
    else:
        yield Moment("roaming-on")
        yield Moment("roaming-status", {"roaming": True, **_name_country(state.country)})


def _name_country(country: Country) -> Members:
    return {"countryCode": country.code, "countryName": [country.name]}


def _wait(rng: Random) -> float:
    """Returns seconds, 2 to 42 minutes."""
    return 120 * (1 + 20 * rng.random())


def _pick_other(rng: Random, choices: Sequence[str], current: str) -> str:
    return pick(rng, [choice for choice in choices if choice != current])
