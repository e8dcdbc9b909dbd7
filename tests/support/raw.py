"""Raw notifications of the simulator, read with tables that nothing else has a part in."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

Body = Mapping[str, Any]

# What each event says of the device, by the last segment of its type; in one spelling.
MEANINGS: dict[str, dict[str, object]] = {
    "connectivity-data": {"connectivity": "CONNECTED_DATA"},
    "connectivity-sms": {"connectivity": "CONNECTED_SMS"},
    "connectivity-disconnected": {"connectivity": "NOT_CONNECTED"},
    "connectivity": {"connectivity": "CONNECTED"},
    "roaming-status": {},
    "roaming-on": {"roaming": True},
    "roaming-off": {"roaming": False},
    "roaming-change-country": {"roaming": True},
    "network-type-changed": {},
}
# The legacy words, by event type and the member that decides.
LEGACY = {
    ("CONNECTIVITY", "REACHABLE"): "connectivity",
    ("CONNECTIVITY", "UNREACHABLE"): "connectivity-disconnected",
    ("UE_REACHABILITY", "DATA"): "connectivity-data",
    ("UE_REACHABILITY", "SMS"): "connectivity-sms",
    ("LOSS_OF_CONNECTIVITY", None): "connectivity-disconnected",
}


class Event(NamedTuple):
    """One event, read from a notification.

    Attributes:
        device: a phone number, or the id of a subscription that is all that it names.
        name: as sent, or the CloudEvents name of a legacy event.
        meaning: the key in `MEANINGS`; another one says nothing of the device.
        state: what it says on each axis; the country is None at home, else its code and names.
        reason: why a subscription began, changed or ended.
        text: all of the event; a redelivery has the same.
    """

    device: str
    subscription: str
    at: datetime
    name: str
    meaning: str
    state: Mapping[str, object]
    reason: str | None
    text: str


def read(body: bytes, headers: Mapping[str, str]) -> list[Event]:
    """Reads the events of one notification, or of a batch."""
    document = json.loads(body or b"{}")
    if isinstance(document, list):
        return [_read_cloudevent(member, member.get("data", {})) for member in document]
    if "ce-type" in headers:
        members = {name[3:]: text for name, text in headers.items() if name.startswith("ce-")}
        return [_read_cloudevent(members, document)]
    if "specversion" in document:
        # Nokia's hybrid says the rest of its data in a legacy event beside them.
        detail = document.get("event", {}).get("eventDetail", {})
        return [_read_cloudevent(document, {**detail, **document.get("data", {})})]
    return [_read_legacy(document)]


def _read_cloudevent(members: Body, data: Body) -> Event:
    subscription = data.get("subscriptionId") or members["source"].rpartition("/")[2]
    text = json.dumps([members, data], sort_keys=True)
    return _make(members["type"].rpartition(".")[2], members["time"], subscription, data, text)


def _read_legacy(document: Body) -> Event:
    subscription = document.get("eventSubscriptionId") or document["subscriptionId"]
    event = document.get("event", document)
    detail = event["eventDetail"]
    word = detail.get("deviceStatus") or detail.get("reachabilityType")
    name = LEGACY.get((event["eventType"], word))
    if "terminationReason" in detail:
        name = "subscription-ends"
    name = name or event["eventType"].lower().replace("_", "-")
    text = json.dumps(document, sort_keys=True)
    return _make(name, event["eventTime"], subscription, detail, text)


def _make(name: str, time: str, subscription: str, data: Body, text: str) -> Event:
    device = data.get("device") or data.get("ueId") or {}
    number = device.get("phoneNumber") or device.get("msisdn")
    meaning = name.replace("reachability-", "connectivity-")
    state = dict(MEANINGS.get(meaning, {}))
    if meaning == "roaming-status" and "roaming" in data:
        state["roaming"] = data["roaming"]
    if state.get("roaming") is False:
        state["country"] = None
    elif "countryCode" in data:
        state["country"] = (data["countryCode"], tuple(data["countryName"]))
    if meaning == "network-type-changed":
        state["networkType"] = data["connectedNetworkType"]
    reasons = ("terminationReason", "updateReason", "initiationReason")
    return Event(
        f"+{number.lstrip('+')}" if number else subscription,
        subscription,
        datetime.fromisoformat(time).astimezone(UTC),
        name,
        "subscription-ended" if name == "subscription-ends" else meaning,
        state,
        next((data[member] for member in reasons if member in data), None),
        text,
    )
