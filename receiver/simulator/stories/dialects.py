"""The dialects of providers: one for each published API version, and for the drafts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from receiver.simulator.stories.forms import (
    Write,
    write_binary,
    write_flat,
    write_hybrid,
    write_legacy,
    write_legacy_draft,
    write_legacy_with_id,
    write_structured,
)
from receiver.simulator.stories.journeys import (
    NETWORK_TYPE,
    REACHABILITY,
    ROAMING,
    Members,
    find_family,
)

# TerminationReason of 0.5.0 to 0.6.0-alpha.1, of roaming 0.6.0-rc.1, and of all later versions.
FIRST_REASONS = ("SUBSCRIPTION_EXPIRED", "NETWORK_TERMINATED")
REASONS_WITH_DELETED = (*FIRST_REASONS, "SUBSCRIPTION_DELETED")
ALL_REASONS = (*REASONS_WITH_DELETED, "MAX_EVENTS_REACHED", "ACCESS_TOKEN_EXPIRED")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of provider writes its events.

    Attributes:
        write: the form of its notifications.
        prefixes: the beginning of its event types, by family; it reports no other family.
        endings: the end of its event types, by event name; it reports no other name.
        identifiers: the labels (see `stories`) of what it reports of a device; if there is none,
            its subscription identifies the device.
        additions: the members that its events have beyond those of a journey, by event name.
        without_subscription: the events whose data do not hold the id of their subscription.
        without_data: the events that have no data.
        without_device: the events that do not say whose they are.
        meanings: the event names that readers understand, where not those of the journey.
        resolution: of its times.
        termination_reasons: the reasons for an end of subscription that it knows.
        subscription_id: the pattern of its subscription ids, with a place for a UUID.
    """

    write: Write
    prefixes: Mapping[str, str]
    endings: Mapping[str, str]
    identifiers: Sequence[str]
    additions: Mapping[str, Members] = field(default_factory=dict)
    without_subscription: frozenset[str] = frozenset()
    without_data: frozenset[str] = frozenset()
    without_device: frozenset[str] = frozenset()
    meanings: Mapping[str, str] = field(default_factory=dict)
    resolution: timedelta = timedelta(microseconds=1)
    termination_reasons: Sequence[str] = ALL_REASONS
    subscription_id: str = "{}"

    @property
    def words(self) -> Mapping[str, str]:
        """The end of its event types of a phone, by event name."""
        return {
            name: word for name, word in self.endings.items() if find_family(name) in self.prefixes
        }


def _compose_prefixes(roaming: str, reachability: str, network: str = "") -> dict[str, str]:
    apis = {"roaming": roaming, "reachability": reachability, "network": network}
    return {family: f"org.camaraproject.{api}.v0." for family, api in apis.items() if api}


DEVICE_STATUS = _compose_prefixes("device-status", "device-status")
OLDER = _compose_prefixes(
    "roaming-status-subscriptions", "device-reachability-status-subscriptions"
)
NEWER = _compose_prefixes(
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
    # Nokia sends this name at the end of every subscription.
    "subscription-ended": "ROAMING_STATUS",
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
# One word for several names, of which a REACHABLE does not say by what.
NOKIA_MEANINGS = {
    "roaming-change-country": "roaming-status",
    "reachability-data": "connectivity",
}
REACHABILITY_TYPES: Mapping[str, Members] = {
    "reachability-data": {"reachabilityType": "DATA"},
    "reachability-sms": {"reachabilityType": "SMS"},
}
END_DESCRIBED: Mapping[str, Members] = {
    "subscription-ended": {"terminationDescription": "The simulated story is over."}
}
LIFE_DESCRIBED: Mapping[str, Members] = {
    "subscription-started": {"initiationDescription": "The simulated story begins."},
    "subscription-updated": {"updateDescription": "The simulated provider says so."},
    **END_DESCRIBED,
}

# Not the UUID that 0.6 asks for, as in the examples of 0.6 itself.
PREFIXED_ID = "qs15-{}"
MILLISECOND = timedelta(milliseconds=1)
IPV4_AND_IPV6 = ("phoneNumber", "ipv4Address", "ipv6Address")
UE_ID = ("msisdn", "ipv4Addr", "ipv6Addr")

USUAL = (
    # device-status 0.5.0, 0.5.1 and 0.6.0-alpha.1.
    Dialect(
        write_structured,
        DEVICE_STATUS,
        UNTIL_0_6_ALPHA,
        ("phoneNumber", "ipv4Address"),
        without_subscription=frozenset({"roaming-status"}),
        termination_reasons=FIRST_REASONS,
    ),
    Dialect(
        write_structured,
        DEVICE_STATUS,
        UNTIL_0_6_ALPHA,
        ("phoneNumber", "networkAccessIdentifier", "ipv4Address", "ipv6Address"),
        termination_reasons=FIRST_REASONS,
        subscription_id=PREFIXED_ID,
    ),
    Dialect(
        write_structured,
        DEVICE_STATUS,
        UNTIL_0_6_ALPHA,
        ("phoneNumber", "ipv4Address with privateAddress"),
        termination_reasons=FIRST_REASONS,
    ),
    # The roaming and reachability subscriptions 0.6.0-rc.1 and 0.6.1.
    Dialect(
        write_structured,
        OLDER,
        UNTIL_0_7,
        ("phoneNumber",),
        termination_reasons=REASONS_WITH_DELETED,
    ),
    Dialect(
        write_structured,
        OLDER,
        UNTIL_0_7,
        ("phoneNumber", "ipv4Address"),
        subscription_id=PREFIXED_ID,
    ),
    # The same 0.7.0 and 0.8.0, with the network type subscriptions 0.1.0 and 0.2.0.
    Dialect(write_structured, NEWER, UNTIL_0_7, IPV4_AND_IPV6, END_DESCRIBED),
    Dialect(write_structured, NEWER, FROM_0_8, ("phoneNumber",), LIFE_DESCRIBED),
    # CAMARA's legacy form, Nokia's, and Nokia's hybrid.
    Dialect(
        write_legacy_with_id,
        {"roaming": ""},
        LEGACY,
        ("phoneNumber",),
        resolution=MILLISECOND,
        termination_reasons=FIRST_REASONS,
    ),
    Dialect(
        write_legacy,
        NO_PREFIX,
        NOKIA_LEGACY,
        ("phoneNumber without plus", "ipv4Address wrapped"),
        NOKIA_ADDITIONS,
        meanings=NOKIA_MEANINGS,
        resolution=MILLISECOND,
        termination_reasons=FIRST_REASONS,
    ),
    Dialect(
        write_hybrid,
        {"reachability": "org.camaraproject.device-status.v0."},
        HYBRID,
        IPV4_AND_IPV6,
        REACHABLE,
        termination_reasons=FIRST_REASONS,
    ),
)
UNUSUAL = (
    # The drafts of March and June 2023, with `ueId` in place of `device`.
    Dialect(write_flat, NO_PREFIX, FLAT, UE_ID, REACHABILITY_TYPES, resolution=MILLISECOND),
    Dialect(
        write_legacy_draft,
        {"roaming": ""},
        {"roaming-status": "ROAMING_STATUS"},
        UE_ID,
        resolution=MILLISECOND,
    ),
    # CloudEvents binary mode, which CAMARA does not use.
    Dialect(write_binary, NEWER, FROM_0_8, ("phoneNumber",), LIFE_DESCRIBED),
    # 0.7.0 and 0.8.0 allow an event without a device, and without data.
    Dialect(
        write_structured,
        NEWER,
        UNTIL_0_7,
        (),
        without_data=frozenset({*REACHABILITY, "roaming-on"}),
    ),
    Dialect(write_structured, NEWER, FROM_0_8, ()),
    # Commonalities r4.2: the events of a subscription's life name no device.
    Dialect(
        write_structured,
        NEWER,
        FROM_0_8,
        ("phoneNumber",),
        LIFE_DESCRIBED,
        without_device=frozenset(LIFE_CYCLE),
    ),
)
