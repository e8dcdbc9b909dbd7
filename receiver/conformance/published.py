"""Every published version of the Device Status notifications, and what each event says in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Members = Mapping[str, object]

ROAMING = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
CONNECTIVITY = ("connectivity-data", "connectivity-sms", "connectivity-disconnected")
REACHABILITY = ("reachability-data", "reachability-sms", "reachability-disconnected")
NETWORK_TYPE = ("network-type-changed",)
ENDS = ("subscription-ends",)
LIFE_CYCLE = ("subscription-started", "subscription-updated", "subscription-ended")

ROAMING_API = "device-roaming-status-subscriptions"
REACHABILITY_API = "device-reachability-status-subscriptions"
NETWORK_TYPE_API = "connected-network-type-subscriptions"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an API that CAMARA published.

    Attributes:
        names: of its events.
        segment: the API as the `type` of its events names it.
    """

    api: str
    number: str
    names: tuple[str, ...]
    segment: str


def _list_versions() -> Iterator[Version]:
    for number in ("0.5.0-rc", "0.5.0", "0.5.1", "0.6.0-alpha.1"):
        yield Version("device-status", number, ROAMING + CONNECTIVITY + ENDS, "device-status")
    for number in ("0.6.0-rc.1", "0.6.0", "0.6.1"):
        # The types of these versions lack the `device-` of the name of their API.
        yield Version(ROAMING_API, number, ROAMING + ENDS, "roaming-status-subscriptions")
        yield Version(REACHABILITY_API, number, REACHABILITY + ENDS, REACHABILITY_API)
    for number in ("0.7.0-rc.1", "0.7.0"):
        yield Version(ROAMING_API, number, ROAMING + ENDS, ROAMING_API)
        yield Version(REACHABILITY_API, number, REACHABILITY + ENDS, REACHABILITY_API)
    for number in ("0.1.0-rc.1", "0.1.0"):
        yield Version(NETWORK_TYPE_API, number, NETWORK_TYPE + ENDS, NETWORK_TYPE_API)
    for number in ("0.8.0-rc.1", "0.8.0"):
        yield Version(ROAMING_API, number, ROAMING + LIFE_CYCLE, ROAMING_API)
        yield Version(REACHABILITY_API, number, REACHABILITY + LIFE_CYCLE, REACHABILITY_API)
    for number in ("0.2.0-rc.1", "0.2.0"):
        yield Version(NETWORK_TYPE_API, number, NETWORK_TYPE + LIFE_CYCLE, NETWORK_TYPE_API)


VERSIONS = tuple(_list_versions())

FRANCE: Members = {"countryCode": 208, "countryName": ["FR"]}
# A reason that every version lists.
END: Members = {"terminationReason": "SUBSCRIPTION_EXPIRED"}

# What each event says beside its subscription and device.
SAID: Mapping[str, Members] = {
    "roaming-status": {"roaming": True, **FRANCE},
    "roaming-change-country": FRANCE,
    "network-type-changed": {"connectedNetworkType": "5G"},
    "subscription-ends": END,
    "subscription-started": {"initiationReason": "SUBSCRIPTION_CREATED"},
    "subscription-updated": {"updateReason": "SUBSCRIPTION_ACTIVE"},
    "subscription-ended": END,
}

# The legacy events by the name of their case: `eventType`, and what `eventDetail` says.
LEGACY: Mapping[str, tuple[str, Members]] = {
    "camara-2023-07-roaming-status": ("ROAMING_STATUS", {"roaming": True, **FRANCE}),
    "camara-2023-07-roaming-on": ("ROAMING_ON", {}),
    "camara-2023-07-roaming-off": ("ROAMING_OFF", {}),
    "camara-2023-07-roaming-change-country": ("ROAMING_CHANGE_COUNTRY", FRANCE),
    "camara-2023-07-subscription-ends": ("SUBSCRIPTION_ENDS", END),
    "nokia-connectivity-reachable": ("CONNECTIVITY", {"deviceStatus": "REACHABLE"}),
    "nokia-connectivity-unreachable": ("CONNECTIVITY", {"deviceStatus": "UNREACHABLE"}),
    "nokia-roaming-status": ("ROAMING_STATUS", {"roaming": True, **FRANCE}),
    # Nokia sends this name at the end of every subscription.
    "nokia-subscription-end": ("ROAMING_STATUS", END),
}
