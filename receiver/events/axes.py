"""The axes of a device's status: what an event says on each, and which events would end a value.

A value is known while whatever would end it would still be told. Senders subscribe to event names,
so each value has its ways out, and each way the names of the events that tell of it.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from receiver.events.event import Status


class Axis(StrEnum):
    """A part of the status that changes by itself."""

    CONNECTIVITY = "connectivity"
    ROAMING = "roaming"
    COUNTRY = "country"
    NETWORK_TYPE = "network-type"


# The values on the axis of roaming.
TRUE, FALSE = "true", "false"

# The value on the axis of the country while the device is at home.
HOME = ""

# Names that mean the same are one name here. The place of a name is its bit in stored rows: names
# are added at the end, and never move.
NAMES = (
    "connectivity-data",
    "connectivity-sms",
    "connectivity-disconnected",
    "connectivity",
    "roaming-status",
    "roaming-on",
    "roaming-off",
    "roaming-change-country",
    "network-type-changed",
)
_DATA, _SMS, _DISCONNECTED, _CONNECTED, _STATUS, _ON, _OFF, _CHANGE, _NETWORK_TYPE = NAMES

# Of events of one instant, the more specific one counts.
SPECIFICITIES = {_STATUS: 2, _CHANGE: 3}
PLAIN_SPECIFICITY = 1


class Way(NamedTuple):
    """A way out of a value.

    Attributes:
        value: None: every value of the axis that has no way of its own.
        names: any of these events tells that the value ended.
    """

    axis: Axis
    value: str | None
    names: frozenset[str]


WAYS_OUT = (
    Way(Axis.CONNECTIVITY, "CONNECTED_DATA", frozenset({_SMS})),
    Way(Axis.CONNECTIVITY, "CONNECTED_DATA", frozenset({_DISCONNECTED})),
    Way(Axis.CONNECTIVITY, "CONNECTED_SMS", frozenset({_DATA, _CONNECTED})),
    Way(Axis.CONNECTIVITY, "CONNECTED_SMS", frozenset({_DISCONNECTED})),
    Way(Axis.CONNECTIVITY, "CONNECTED", frozenset({_DISCONNECTED})),
    Way(Axis.CONNECTIVITY, "NOT_CONNECTED", frozenset({_DATA, _CONNECTED})),
    Way(Axis.CONNECTIVITY, "NOT_CONNECTED", frozenset({_SMS, _CONNECTED})),
    Way(Axis.ROAMING, TRUE, frozenset({_OFF, _STATUS})),
    Way(Axis.ROAMING, FALSE, frozenset({_ON, _STATUS})),
    Way(Axis.COUNTRY, HOME, frozenset({_ON, _STATUS})),
    Way(Axis.COUNTRY, None, frozenset({_OFF, _STATUS})),
    Way(Axis.COUNTRY, None, frozenset({_CHANGE})),
    Way(Axis.NETWORK_TYPE, None, frozenset({_NETWORK_TYPE})),
)

# The events that say something on an axis.
TELLERS = {
    Axis.CONNECTIVITY: frozenset({_DATA, _SMS, _DISCONNECTED, _CONNECTED}),
    Axis.ROAMING: frozenset({_STATUS, _ON, _OFF, _CHANGE}),
    Axis.COUNTRY: frozenset({_STATUS, _ON, _OFF, _CHANGE}),
    Axis.NETWORK_TYPE: frozenset({_NETWORK_TYPE}),
}


def list_ways_out(axis: Axis, value: str) -> list[frozenset[str]]:
    """Returns the ways out of a value."""
    own = [way.names for way in WAYS_OUT if way.axis is axis and way.value == value]
    return own or [way.names for way in WAYS_OUT if way.axis is axis and way.value is None]


def list_said(status: Status) -> Iterator[tuple[Axis, str]]:
    """Yields the value on each axis on which an event says something.

    An event that ends roaming says that the device is at home. A country is its first name, or
    its code where the sender gave no name.
    """
    if status.connectivity is not None:
        yield Axis.CONNECTIVITY, status.connectivity
    if status.roaming is not None:
        yield Axis.ROAMING, TRUE if status.roaming else FALSE
    if status.roaming is False:
        yield Axis.COUNTRY, HOME
    elif status.country_name:
        yield Axis.COUNTRY, status.country_name[0]
    elif status.country_code is not None:
        yield Axis.COUNTRY, str(status.country_code)
    if status.connected_network_type is not None:
        yield Axis.NETWORK_TYPE, status.connected_network_type
