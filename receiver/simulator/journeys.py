"""Journeys of phones: moments in the words of the newest API versions; knows no provider."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
Members = Mapping[str, object]

# Two countries that share a border, each with its mobile country code (ITU-T E.212).
ROUTES = (
    (("FR", 208), ("BE", 206)),
    (("ES", 214), ("FR", 208)),
    (("AT", 232), ("IT", 222)),
    (("NL", 204), ("DE", 262)),
    (("CH", 228), ("IT", 222)),
    (("CZ", 230), ("PL", 260)),
)
# The events for which a phone has a subscription.
SUBSCRIPTIONS = ("roaming-status", "reachability-data", "network-type-changed")

ROAMING = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
REACHABILITY = ("reachability-disconnected", "reachability-sms", "reachability-data")
NETWORK_TYPE = "network-type-changed"


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of a journey.

    Attributes:
        subscription: the event name for which its subscription was made.
        name: the event name.
        members: the members of its data, without device and subscription.
        is_immediate: whether it follows the moment before within seconds.
    """

    subscription: str
    name: str
    members: Members = field(default_factory=dict)
    is_immediate: bool = False

    @property
    def family(self) -> str:
        """The family of its subscription: `roaming`, `reachability` or `network`."""
        return self.subscription.partition("-")[0]


def travel(rng: Random, termination_reasons: Sequence[str]) -> Iterator[Moment]:
    """Yields the moments of a day on which a phone crosses two borders and comes home.

    Args:
        termination_reasons: the reasons that its provider knows.
    """
    route = pick(rng, ROUTES)
    first, second = ({"countryCode": mcc, "countryName": [alpha_2]} for alpha_2, mcc in route)
    for subscription in SUBSCRIPTIONS:
        created = {"initiationReason": "SUBSCRIPTION_CREATED"}
        yield Moment(subscription, "subscription-started", created)
        active = {"updateReason": "SUBSCRIPTION_ACTIVE"}
        yield Moment(subscription, "subscription-updated", active, is_immediate=True)
    yield Moment("reachability-data", "reachability-data")
    yield _change_network_type("5G")
    yield Moment("roaming-on", "roaming-on")
    yield Moment("roaming-status", "roaming-status", {"roaming": True, **first}, is_immediate=True)
    yield _change_network_type(pick(rng, ("2G", "3G", "4G", "UNKNOWN")))
    yield from (Moment(name, name) for name in REACHABILITY)
    yield Moment("roaming-change-country", "roaming-change-country", second)
    if rng.random() < 0.5:
        yield from (Moment(name, name) for name in REACHABILITY)
    yield Moment("roaming-off", "roaming-off")
    yield Moment("roaming-status", "roaming-status", {"roaming": False}, is_immediate=True)
    yield _change_network_type(pick(rng, ("4G", "5G")))
    for subscription in SUBSCRIPTIONS:
        reason = {"terminationReason": pick(rng, termination_reasons)}
        yield Moment(subscription, "subscription-ended", reason, is_immediate=True)


def pick(rng: Random, choices: Sequence[T]) -> T:
    """Returns one of the choices, the same in every Python version, unlike `Random.choice`."""
    return choices[int(rng.random() * len(choices))]


def make_uuid(rng: Random) -> str:
    """Returns a UUID of version 4."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def _change_network_type(connected: str) -> Moment:
    return Moment(NETWORK_TYPE, NETWORK_TYPE, {"connectedNetworkType": connected})
