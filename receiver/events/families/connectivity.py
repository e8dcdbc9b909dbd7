"""Connectivity: whether the device can be reached, and by what; also named reachability."""

from typing import ClassVar

from receiver.events.event import Kind, Status
from receiver.events.findings import Finding
from receiver.events.payload import Payload


class _Connectivity(Payload):
    kind = Kind.CONNECTIVITY
    connectivity: ClassVar[str]

    def status(self, findings: set[Finding]) -> Status:
        return Status(connectivity=self.connectivity)


class Data(_Connectivity):
    """Data can be used, whether or not SMS can."""

    connectivity = "CONNECTED_DATA"


class Sms(_Connectivity):
    """SMS can be used, and since device-reachability-status-subscriptions 0.6.1 nothing but SMS."""

    connectivity = "CONNECTED_SMS"


class Disconnected(_Connectivity):
    """Neither can be used."""

    connectivity = "NOT_CONNECTED"


class Reachable(Payload):
    """A legacy event that says REACHABLE and not by what, or does not even say that."""

    kind = Kind.CONNECTIVITY

    device_status: str | None = None

    def status(self, findings: set[Finding]) -> Status:
        """Claim neither data nor SMS."""
        if self.device_status is None:
            findings.add(Finding.CONNECTIVITY_MISSING)
            return Status()
        return Status(connectivity="CONNECTED")


PAYLOADS: dict[str, type[Payload]] = {
    "connectivity-data": Data,
    "connectivity-sms": Sms,
    "connectivity-disconnected": Disconnected,
    "reachability-data": Data,
    "reachability-sms": Sms,
    "reachability-disconnected": Disconnected,
}

# No CloudEvent has this name.
LEGACY_PAYLOADS: dict[str, type[Payload]] = {"connectivity": Reachable}
