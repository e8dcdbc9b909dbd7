"""How providers write: a dialect for each published API version, and for what drafts defined."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from receiver.simulator.journeys import NETWORK_TYPE, REACHABILITY, ROAMING, Members
from receiver.simulator.wrappings import (
    Wrap,
    binary,
    flat,
    hybrid,
    nested,
    nested_draft,
    nested_with_id,
    structured,
)

# TerminationReason of 0.5.0 to 0.6.0-alpha.1, of roaming 0.6.0-rc.1, and of all later ones.
FIRST_REASONS = ("SUBSCRIPTION_EXPIRED", "NETWORK_TERMINATED")
DELETED_TOO = (*FIRST_REASONS, "SUBSCRIPTION_DELETED")
ALL_REASONS = (*DELETED_TOO, "MAX_EVENTS_REACHED", "ACCESS_TOKEN_EXPIRED")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of provider writes what happens.

    Attributes:
        prefixes: what its event types begin with, by family; it reports no other family.
        words: how they end, by event name; it reports no other name.
        identifiers: what it says of a device, see `stories`; if nothing, its subscription is one.
        additions: members that its events have beyond those of a journey, by event name.
        without_subscription: the events whose data do not name their subscription.
        without_data: the events that come without any data.
        termination_reasons: those it knows.
        subscription_id: how its ids are written, with a UUID to fill in.
    """

    wrap: Wrap
    prefixes: Mapping[str, str]
    words: Mapping[str, str]
    identifiers: Sequence[str]
    additions: Mapping[str, Members] = field(default_factory=dict)
    without_subscription: frozenset[str] = frozenset()
    without_data: frozenset[str] = frozenset()
    termination_reasons: Sequence[str] = ALL_REASONS
    subscription_id: str = "{}"


def _prefixes(roaming: str, reachability: str, network: str = "") -> dict[str, str]:
    apis = {"roaming": roaming, "reachability": reachability, "network": network}
    return {family: f"org.camaraproject.{api}.v0." for family, api in apis.items() if api}


DEVICE_STATUS = _prefixes("device-status", "device-status")
OLDER = _prefixes("roaming-status-subscriptions", "device-reachability-status-subscriptions")
NEWER = _prefixes(
    "device-roaming-status-subscriptions",
    "device-reachability-status-subscriptions",
    "connected-network-type-subscriptions",
)
NO_PREFIX = {"roaming": "", "reachability": ""}

LIFE_CYCLE = ("subscription-started", "subscription-updated", "subscription-ended")
UNTIL_0_7 = {name: name for name in (*ROAMING, *REACHABILITY, NETWORK_TYPE)}
UNTIL_0_7["subscription-ended"] = "subscription-ends"
UNTIL_0_6_ALPHA = UNTIL_0_7 | {
    name: name.replace("reachability", "connectivity") for name in REACHABILITY
}
FROM_0_8 = UNTIL_0_7 | {name: name for name in LIFE_CYCLE}
LEGACY = {name: name.upper().replace("-", "_") for name in ROAMING}
LEGACY["subscription-ended"] = "SUBSCRIPTION_ENDS"
NOKIA_LEGACY = {
    "roaming-status": "ROAMING_STATUS",
    "roaming-change-country": "ROAMING_STATUS",
    "reachability-data": "CONNECTIVITY",
    "reachability-disconnected": "CONNECTIVITY",
    "subscription-ended": "ROAMING_STATUS",  # whatever the subscription was for
}
HYBRID = {
    name: UNTIL_0_6_ALPHA[name]
    for name in ("reachability-data", "reachability-disconnected", "subscription-ended")
}
FLAT = {
    "roaming-status": "ROAMING_STATUS",
    "reachability-data": "UE_REACHABILITY",
    "reachability-sms": "UE_REACHABILITY",
    "reachability-disconnected": "LOSS_OF_CONNECTIVITY",
}

REACHABLE: Mapping[str, Members] = {
    "reachability-data": {"deviceStatus": "REACHABLE"},
    "reachability-disconnected": {"deviceStatus": "UNREACHABLE"},
}
NOKIA_ADDITIONS = {"roaming-change-country": {"roaming": True}, **REACHABLE}
REACHABILITY_TYPES: Mapping[str, Members] = {
    "reachability-data": {"reachabilityType": "DATA"},
    "reachability-sms": {"reachabilityType": "SMS"},
}
END_DESCRIBED: Mapping[str, Members] = {
    "subscription-ended": {"terminationDescription": "The simulated story is over."}
}
LIFE_DESCRIBED: Mapping[str, Members] = {
    "subscription-started": {"initiationDescription": "The simulated story begins."},
    "subscription-updated": {"updateDescription": "The simulated phone was found."},
    **END_DESCRIBED,
}

NAMELESS = "qs15-{}"  # not the UUID that 0.6 asks for, like its own examples
IPV4_AND_IPV6 = ("phoneNumber", "ipv4Address", "ipv6Address")
UE_ID = ("msisdn", "ipv4Addr", "ipv6Addr")

USUAL = (
    # device-status 0.5.0, 0.5.1 and 0.6.0-alpha.1.
    Dialect(
        structured,
        DEVICE_STATUS,
        UNTIL_0_6_ALPHA,
        ("phoneNumber", "ipv4Address"),
        without_subscription=frozenset({"roaming-status"}),
        termination_reasons=FIRST_REASONS,
    ),
    Dialect(
        structured,
        DEVICE_STATUS,
        UNTIL_0_6_ALPHA,
        ("phoneNumber", "networkAccessIdentifier", "ipv4Address", "ipv6Address"),
        termination_reasons=FIRST_REASONS,
        subscription_id=NAMELESS,
    ),
    Dialect(
        structured,
        DEVICE_STATUS,
        UNTIL_0_6_ALPHA,
        ("phoneNumber", "ipv4Address with privateAddress"),
        termination_reasons=FIRST_REASONS,
    ),
    # The roaming and reachability subscriptions 0.6.0-rc.1 and 0.6.1.
    Dialect(structured, OLDER, UNTIL_0_7, ("phoneNumber",), termination_reasons=DELETED_TOO),
    Dialect(structured, OLDER, UNTIL_0_7, ("phoneNumber", "ipv4Address"), subscription_id=NAMELESS),
    # The same 0.7.0 and 0.8.0, with the network type subscriptions 0.1.0 and 0.2.0.
    Dialect(structured, NEWER, UNTIL_0_7, IPV4_AND_IPV6, END_DESCRIBED),
    Dialect(structured, NEWER, FROM_0_8, ("phoneNumber",), LIFE_DESCRIBED),
    # CAMARA's legacy form, Nokia's, and Nokia's hybrid.
    Dialect(
        nested_with_id,
        {"roaming": ""},
        LEGACY,
        ("phoneNumber",),
        termination_reasons=FIRST_REASONS,
    ),
    Dialect(
        nested,
        NO_PREFIX,
        NOKIA_LEGACY,
        ("phoneNumber without plus", "ipv4Address wrapped"),
        NOKIA_ADDITIONS,
        termination_reasons=FIRST_REASONS,
    ),
    Dialect(
        hybrid,
        {"reachability": "org.camaraproject.device-status.v0."},
        HYBRID,
        IPV4_AND_IPV6,
        REACHABLE,
        termination_reasons=FIRST_REASONS,
    ),
)
UNUSUAL = (
    # The drafts of March and June 2023; they have no device but a ueId.
    Dialect(flat, NO_PREFIX, FLAT, UE_ID, REACHABILITY_TYPES),
    Dialect(nested_draft, {"roaming": ""}, {"roaming-status": "ROAMING_STATUS"}, UE_ID),
    # What CAMARA does not use of CloudEvents.
    Dialect(binary, NEWER, FROM_0_8, ("phoneNumber",), LIFE_DESCRIBED),
    # What 0.7.0 and 0.8.0 allow: no device, and no data.
    Dialect(
        structured, NEWER, UNTIL_0_7, (), without_data=frozenset({*REACHABILITY, "roaming-on"})
    ),
    Dialect(structured, NEWER, FROM_0_8, ()),
)
