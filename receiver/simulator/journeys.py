"""What happens to a phone: moments in the words of the newest API versions; knows no provider."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
Members = Mapping[str, object]

# The two countries visited, each with its MCC; they share a border.
ROUTES = (
    (("FR", 208), ("BE", 206)),
    (("ES", 214), ("FR", 208)),
    (("AT", 232), ("IT", 222)),
    (("NL", 204), ("DE", 262)),
    (("CH", 228), ("IT", 222)),
    (("CZ", 230), ("PL", 260)),
)
SUBSCRIBED = ("roaming-status", "reachability-data", "network-type-changed")

ROAMING = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
REACHABILITY = ("reachability-disconnected", "reachability-sms", "reachability-data")
NETWORK_TYPE = "network-type-changed"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happens to a phone.

    Attributes:
        about: the event name that its subscription is for.
        at_once: it follows the moment before within seconds.
    """

    about: str
    name: str
    members: Members = field(default_factory=dict)
    at_once: bool = False

    @property
    def family(self) -> str:
        """What its subscription is about: `roaming`, `reachability` or `network`."""
        return self.about.partition("-")[0]


def journey(rng: Random, termination_reasons: Sequence[str]) -> Iterator[Moment]:
    """A day on which a phone crosses two borders and comes home.

    Args:
        termination_reasons: those that its provider knows.
    """
    route = pick(rng, ROUTES)
    first, second = ({"countryCode": mcc, "countryName": [alpha_2]} for alpha_2, mcc in route)
    for about in SUBSCRIBED:
        yield Moment(about, "subscription-started", {"initiationReason": "SUBSCRIPTION_CREATED"})
        yield Moment(about, "subscription-updated", {"updateReason": "SUBSCRIPTION_ACTIVE"}, True)
    yield Moment("reachability-data", "reachability-data")
    yield _network_type("5G")
    yield Moment("roaming-on", "roaming-on")
    yield Moment("roaming-status", "roaming-status", {"roaming": True, **first}, at_once=True)
    yield _network_type(pick(rng, ("2G", "3G", "4G", "UNKNOWN")))
    yield from (Moment(name, name) for name in REACHABILITY)
    yield Moment("roaming-change-country", "roaming-change-country", second)
    if rng.random() < 0.5:
        yield from (Moment(name, name) for name in REACHABILITY)
    yield Moment("roaming-off", "roaming-off")
    yield Moment("roaming-status", "roaming-status", {"roaming": False}, at_once=True)
    yield _network_type(pick(rng, ("4G", "5G")))
    for about in SUBSCRIBED:
        reason = pick(rng, termination_reasons)
        yield Moment(about, "subscription-ended", {"terminationReason": reason}, at_once=True)


def pick(rng: Random, choices: Sequence[T]) -> T:
    """One of them; `Random.choice` has drawn differently from one Python version to the next."""
    return choices[int(rng.random() * len(choices))]


def random_uuid(rng: Random) -> str:
    """A UUID of version 4."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def _network_type(connected: str) -> Moment:
    return Moment(NETWORK_TYPE, NETWORK_TYPE, {"connectedNetworkType": connected})
