"""Network type: the generation of the network the device is connected to."""

from receiver.events.event import Kind, Status
from receiver.events.findings import Finding
from receiver.events.payload import Payload, Word

# NetworkType of connected-network-type-subscriptions 0.1.0 and 0.2.0.
_NETWORK_TYPES = frozenset({"2G", "3G", "4G", "5G", "UNKNOWN"})


class NetworkTypeChanged(Payload):
    """The device moved to a network of another generation."""

    kind = Kind.NETWORK_TYPE

    connected_network_type: Word | None = None

    def status(self, findings: set[Finding]) -> Status:
        """Say the network type, a new one too."""
        if self.connected_network_type is None:
            findings.add(Finding.NETWORK_TYPE_MISSING)
        elif self.connected_network_type not in _NETWORK_TYPES:
            findings.add(Finding.NETWORK_TYPE_UNKNOWN)
        return Status(connected_network_type=self.connected_network_type)


PAYLOADS: dict[str, type[Payload]] = {"network-type-changed": NetworkTypeChanged}
