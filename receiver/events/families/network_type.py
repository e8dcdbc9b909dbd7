"""Network type: the generation of the network the device is connected to."""

from receiver.events.event import Kind, Status
from receiver.events.findings import Finding
from receiver.events.payload import Payload, Sent

# NetworkType of connected-network-type-subscriptions 0.1.0 and 0.2.0.
_NETWORK_TYPES = frozenset({"2G", "3G", "4G", "5G", "UNKNOWN"})


def changed(sent: Sent) -> Status:
    """The device moved to a network of another generation, maybe of one that is new to us."""
    network_type = sent.word("connectedNetworkType")
    if network_type is None:
        sent.findings.add(Finding.NETWORK_TYPE_MISSING)
    elif network_type not in _NETWORK_TYPES:
        sent.findings.add(Finding.NETWORK_TYPE_UNKNOWN)
    return Status(connected_network_type=network_type)


PAYLOADS = {"network-type-changed": Payload(Kind.NETWORK_TYPE, changed)}
