"""The rows of the table, from the items of `GET /devices`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from receiver.api.console.values import (
    Told,
    tell_connectivity,
    tell_network_type,
    tell_roaming,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A device.

    Attributes:
        device_id: where its page is.
        name: its phone number or network access identifier; else its id.
        further: what else it is called; empty: nothing.
        last_event_at: as the API has it.
    """

    device_id: str
    name: str
    further: str
    connectivity: Told
    roaming: Told
    network_type: Told
    last_event_at: str


def make_row(item: Mapping[str, Any]) -> Row:
    """Returns the row of an item that names its device."""
    device = item.get("device", {})
    names = [device[kind] for kind in ("phoneNumber", "networkAccessIdentifier") if kind in device]
    name, *further = names or [item["deviceId"]]
    return Row(
        item["deviceId"],
        name,
        ", ".join(further),
        tell_connectivity(item["connectivity"]),
        tell_roaming(item["roaming"]),
        tell_network_type(item["networkType"]),
        item["lastEventAt"],
    )
