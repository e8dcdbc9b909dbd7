"""The event names that the CloudEvents form has for the event types of the legacy form."""

import re

# Event types with more than one name: the member that decides, and the name for each value.
_NAMES_BY_MEMBER = {
    "CONNECTIVITY": (
        "deviceStatus",
        {"REACHABLE": "connectivity", "UNREACHABLE": "connectivity-disconnected"},
    ),
    "UE_REACHABILITY": (
        "reachabilityType",
        {"DATA": "connectivity-data", "SMS": "connectivity-sms"},
    ),
}
_NAMES_BY_MEMBER["DEVICE_STATUS_CHANGED"] = _NAMES_BY_MEMBER["CONNECTIVITY"]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_A_WORD = re.compile(r"[^A-Za-z0-9]+")


def find_name(event_type: str, detail: dict[str, object]) -> str:
    """Finds the event name of a legacy event; `connectivity` where no word of it decides."""
    # Before all else: Nokia's end of a subscription keeps the eventType of its subscription.
    if detail.get("terminationReason") is not None:
        return "subscription-ends"
    if event_type == "LOSS_OF_CONNECTIVITY":
        return "connectivity-disconnected"
    if event_type not in _NAMES_BY_MEMBER:
        last_segment = event_type.rpartition(".")[2]
        return _NOT_A_WORD.sub("-", _WORD_START.sub("-", last_segment)).lower()
    member, names = _NAMES_BY_MEMBER[event_type]
    said = detail.get(member)
    return names.get(said.upper(), "connectivity") if isinstance(said, str) else "connectivity"
