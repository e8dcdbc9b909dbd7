"""What one event says, in words: from the JSON of the API to a cell of a table."""

from collections.abc import Mapping
from typing import Any

from receiver.api.console.countries import find_country
from receiver.api.console.values import word_of_connectivity, word_of_network_type

REASONS = ("initiationReason", "updateReason", "terminationReason")


def say_event(event: Mapping[str, Any]) -> str:
    """Returns what an event itself reports; empty: nothing that is understood.

    Args:
        event: an item of `GET /events`.
    """
    status = event["status"]
    words = []
    if "connectivity" in status:
        words.append(word_of_connectivity(status["connectivity"])[0])
    if "roaming" in status:
        words.append("Roaming" if status["roaming"] else "Home network")
    where = find_country(status)
    if where is not None:
        words.append(where.name)
    if "connectedNetworkType" in status:
        words.append(word_of_network_type(status["connectedNetworkType"])[0])
    words += [
        status[reason].replace("_", " ").capitalize() for reason in REASONS if reason in status
    ]
    return ", ".join(words)


def name_device(event: Mapping[str, Any]) -> str:
    """Returns the identifier that an event reports, or the beginning of the device's id."""
    device = event["device"]
    address = device.get("ipv4Address", {}).get("publicAddress") or device.get("ipv6Address")
    name: str = (
        device.get("phoneNumber")
        or device.get("networkAccessIdentifier")
        or address
        or event["deviceId"][:8]
    )
    return name
