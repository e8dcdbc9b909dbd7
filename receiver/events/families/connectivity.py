"""Connectivity: whether the network reaches the device, by data or SMS; also named reachability."""

from receiver.events.event import Kind, Status
from receiver.events.family import Family, Meaning, Members
from receiver.events.findings import Finding

# The event's name says it all, so that one value serves every event.
_DATA = Status(connectivity="CONNECTED_DATA")
_SMS = Status(connectivity="CONNECTED_SMS")
_DISCONNECTED = Status(connectivity="NOT_CONNECTED")
_REACHABLE = Status(connectivity="CONNECTED")
_UNSAID = Status()


def _read_data(_members: Members) -> Status:
    """The network reaches the device by data; the event says nothing about SMS."""
    return _DATA


def _read_sms(_members: Members) -> Status:
    """The network reaches the device by SMS; since reachability 0.6.1 by nothing else."""
    return _SMS


def _read_disconnected(_members: Members) -> Status:
    """The network reaches the device neither by data nor by SMS."""
    return _DISCONNECTED


def _read_reachable(members: Members) -> Status:
    """A legacy REACHABLE does not say by what, so that it claims neither data nor SMS."""
    if members.take_word("deviceStatus") is None:
        members.findings.add(Finding.CONNECTIVITY_MISSING)
        return _UNSAID
    return _REACHABLE


FAMILY = Family(
    meanings={
        "connectivity-data": Meaning(Kind.CONNECTIVITY, _read_data),
        "connectivity-sms": Meaning(Kind.CONNECTIVITY, _read_sms),
        "connectivity-disconnected": Meaning(Kind.CONNECTIVITY, _read_disconnected),
        "reachability-data": Meaning(Kind.CONNECTIVITY, _read_data),
        "reachability-sms": Meaning(Kind.CONNECTIVITY, _read_sms),
        "reachability-disconnected": Meaning(Kind.CONNECTIVITY, _read_disconnected),
    },
    legacy_meanings={"connectivity": Meaning(Kind.CONNECTIVITY, _read_reachable)},
    synonyms=(
        ("connectivity-data", "reachability-data"),
        ("connectivity-sms", "reachability-sms"),
        ("connectivity-disconnected", "reachability-disconnected"),
    ),
    apis_without_subscription_id=frozenset({".device-status."}),
)
