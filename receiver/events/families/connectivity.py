"""Connectivity: whether the network reaches the device, by data or SMS; also named reachability."""

from collections.abc import Iterator

from receiver.events.event import Kind, Status
from receiver.events.family import COMMON_MEMBERS, Family, Meaning, Members
from receiver.events.findings import Finding

# The event's name says it all, so that one value serves every event.
_DATA = Status(connectivity="CONNECTED_DATA")
_SMS = Status(connectivity="CONNECTED_SMS")
_DISCONNECTED = Status(connectivity="NOT_CONNECTED")
_REACHABLE = Status(connectivity="CONNECTED")
_UNSAID = Status()

CONNECTIVITIES = frozenset(
    status.connectivity
    for status in (_DATA, _SMS, _DISCONNECTED, _REACHABLE)
    if status.connectivity
)

# The words of the legacy form, by member; a CloudEvent has neither member, but may carry them.
_WORDS = {
    "deviceStatus": {"REACHABLE": _REACHABLE, "UNREACHABLE": _DISCONNECTED},
    "reachabilityType": {"DATA": _DATA, "SMS": _SMS},
}

_MEMBERS = COMMON_MEMBERS | _WORDS.keys()


def _read_data(members: Members) -> Status:
    """The network reaches the device by data; the event says nothing about SMS."""
    return _compare(members, _DATA)


def _read_sms(members: Members) -> Status:
    """The network reaches the device by SMS; since reachability 0.6.1 by nothing else."""
    return _compare(members, _SMS)


def _read_disconnected(members: Members) -> Status:
    """The network reaches the device neither by data nor by SMS."""
    return _compare(members, _DISCONNECTED)


def _read_reachable(members: Members) -> Status:
    """A legacy REACHABLE does not say by what, so that it claims neither data nor SMS."""
    if members.sent.get("deviceStatus") == "REACHABLE" and "reachabilityType" not in members.sent:
        return _REACHABLE
    said = list(_read_words(members))
    if said:
        # DATA and SMS say by what, and so more than REACHABLE.
        return _compare(members, said[-1] if said[0] is _REACHABLE else said[0])
    if Finding.CONNECTIVITY_MALFORMED not in members.findings:
        members.findings.add(Finding.CONNECTIVITY_MISSING)
    return _UNSAID


def _compare(members: Members, status: Status) -> Status:
    """Returns the status that the name says, and finds a member that says another."""
    if "deviceStatus" in members.sent or "reachabilityType" in members.sent:
        for said in _read_words(members):
            is_vaguer = said is _REACHABLE or status is _REACHABLE
            if said is not status and not (is_vaguer and _DISCONNECTED not in (said, status)):
                members.findings.add(Finding.CONNECTIVITY_CONTRADICTS_NAME)
    return status


def _read_words(members: Members) -> Iterator[Status]:
    for member, words in _WORDS.items():
        word = members.take_word(member, Finding.CONNECTIVITY_MALFORMED)
        if word is None:
            continue
        said = words.get(word.upper())
        if said is None:
            members.findings.add(Finding.CONNECTIVITY_MALFORMED)
            continue
        if word not in words:
            members.findings.add(Finding.CONNECTIVITY_MISSPELT)
        yield said


FAMILY = Family(
    meanings={
        "connectivity-data": Meaning(Kind.CONNECTIVITY, _MEMBERS, _read_data),
        "connectivity-sms": Meaning(Kind.CONNECTIVITY, _MEMBERS, _read_sms),
        "connectivity-disconnected": Meaning(Kind.CONNECTIVITY, _MEMBERS, _read_disconnected),
        "reachability-data": Meaning(Kind.CONNECTIVITY, _MEMBERS, _read_data),
        "reachability-sms": Meaning(Kind.CONNECTIVITY, _MEMBERS, _read_sms),
        "reachability-disconnected": Meaning(Kind.CONNECTIVITY, _MEMBERS, _read_disconnected),
    },
    legacy_meanings={"connectivity": Meaning(Kind.CONNECTIVITY, _MEMBERS, _read_reachable)},
    synonyms=(
        ("connectivity-data", "reachability-data"),
        ("connectivity-sms", "reachability-sms"),
        ("connectivity-disconnected", "reachability-disconnected"),
    ),
    apis_without_subscription_id=frozenset({".device-status."}),
)
