"""Connectivity: whether the device can be reached, and by what; also named reachability."""

from receiver.events.event import Kind, Status
from receiver.events.findings import Finding
from receiver.events.payload import Payload, Sent

# What its event's name says, it says.
_DATA = Status(connectivity="CONNECTED_DATA")
_SMS = Status(connectivity="CONNECTED_SMS")
_DISCONNECTED = Status(connectivity="NOT_CONNECTED")
_REACHABLE = Status(connectivity="CONNECTED")
_UNSAID = Status()


def data(_sent: Sent) -> Status:
    """Data can be used, whether or not SMS can."""
    return _DATA


def sms(_sent: Sent) -> Status:
    """SMS can be used, and since device-reachability-status-subscriptions 0.6.1 nothing but SMS."""
    return _SMS


def disconnected(_sent: Sent) -> Status:
    """Neither can be used."""
    return _DISCONNECTED


def reachable(sent: Sent) -> Status:
    """A legacy event that says REACHABLE and not by what, or does not even say that.

    It claims neither data nor SMS.
    """
    if sent.word("deviceStatus") is None:
        sent.findings.add(Finding.CONNECTIVITY_MISSING)
        return _UNSAID
    return _REACHABLE


PAYLOADS = {
    "connectivity-data": Payload(Kind.CONNECTIVITY, data),
    "connectivity-sms": Payload(Kind.CONNECTIVITY, sms),
    "connectivity-disconnected": Payload(Kind.CONNECTIVITY, disconnected),
    "reachability-data": Payload(Kind.CONNECTIVITY, data),
    "reachability-sms": Payload(Kind.CONNECTIVITY, sms),
    "reachability-disconnected": Payload(Kind.CONNECTIVITY, disconnected),
}

# No CloudEvent has this name.
LEGACY_PAYLOADS = {"connectivity": Payload(Kind.CONNECTIVITY, reachable)}
