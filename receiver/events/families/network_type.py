"""Network type: the generation of the network to which the device is connected."""

from receiver.events.event import Kind, Status
from receiver.events.family import COMMON_MEMBERS, Family, Meaning, Members
from receiver.events.findings import Finding

# NetworkType of connected-network-type-subscriptions 0.1.0 and 0.2.0.
NETWORK_TYPES = frozenset({"2G", "3G", "4G", "5G", "UNKNOWN"})


def _read_change(members: Members) -> Status:
    """The device moved to a network of another generation; a new generation is kept as text."""
    network_type = members.take_word("connectedNetworkType", Finding.NETWORK_TYPE_MALFORMED)
    if network_type is None:
        if Finding.NETWORK_TYPE_MALFORMED not in members.findings:
            members.findings.add(Finding.NETWORK_TYPE_MISSING)
    elif network_type not in NETWORK_TYPES:
        members.findings.add(Finding.NETWORK_TYPE_UNKNOWN)
    return Status(connected_network_type=network_type)


_MEMBERS = COMMON_MEMBERS | {"connectedNetworkType"}

FAMILY = Family(
    meanings={"network-type-changed": Meaning(Kind.NETWORK_TYPE, _MEMBERS, _read_change)}
)
