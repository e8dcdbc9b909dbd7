"""Members that an event does not take: identifiers outside `device`, and what other events say."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from receiver.events.devices.reading import find_own_name, read_device
from receiver.events.event import Device
from receiver.events.findings import Finding

# What the drafts of 2023 have for a device, which `devices.drafts` rewrites in the legacy form.
_DRAFT_MEMBERS = frozenset({"ueId", "uePort"})


def judge_strays(
    data: Mapping[str, object],
    taken: AbstractSet[str],
    known: AbstractSet[str],
    findings: set[Finding],
) -> Device | None:
    """Finds the members of an event's data that it does not take; unknown ones are extensions.

    Args:
        taken: the members that the event takes.
        known: those that any event takes.

    Returns:
        The device of the identifiers that stand in the data itself; None where there are none, or
        where a `device` counts.
    """
    identifiers = {}
    for name, said in data.items():
        if said is None or name in taken:
            continue
        if name in known:
            findings.add(Finding.MEMBER_UNEXPECTED)
        elif name in _DRAFT_MEMBERS:
            findings.add(Finding.IDENTIFIER_OUTSIDE_DEVICE)
        elif find_own_name(name) is not None:
            identifiers[name] = said
    # Other APIs have a `phoneNumber` for a device.
    counts = data.get("device") is None
    if identifiers and not (counts and identifiers.keys() == {"phoneNumber"}):
        findings.add(Finding.IDENTIFIER_OUTSIDE_DEVICE)
    return read_device(identifiers, findings)[0] if identifiers and counts else None


def judge_members_of_device(
    inside: Mapping[str, object],
    taken: AbstractSet[str],
    known: AbstractSet[str],
    findings: set[Finding],
) -> None:
    """Finds the members inside `device` that belong elsewhere.

    Args:
        taken: the members that the event takes from there.
        known: those that any event takes.
    """
    if not inside.keys().isdisjoint(known - taken):
        findings.add(Finding.MEMBER_UNEXPECTED)
