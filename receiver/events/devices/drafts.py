"""The device in the drafts of 2023, `ueId` and `uePort`, rewritten as CAMARA's `Device`."""

import re
from collections.abc import Mapping

from receiver.events.devices import identifiers
from receiver.events.findings import Finding

_MEMBERS = ("msisdn", "externalId", "ipv4Addr", "ipv6Addr")
# The msisdn of device-status 0.4.1: the plus is optional.
_MSISDN_WITHOUT_PLUS = re.compile(r"[1-9][0-9]{4,14}")


def complete_detail(
    detail: dict[str, object], event: Mapping[str, object], findings: set[Finding]
) -> dict[str, object]:
    """Returns the members of `eventDetail` with a `device`, however the draft names it.

    The drafts allow a prefix length and a number without plus, so that neither is a finding.

    Args:
        event: holds `device`, `ueId` and `uePort` if the detail does not.
    """
    beside = event.get("device")
    if beside is not None:
        findings.add(Finding.IDENTIFIER_OUTSIDE_DEVICE)
        if detail.get("device") is None:
            detail = {**detail, "device": beside}
    ue_id, port = _find("ueId", detail, event), _find("uePort", detail, event)
    if ue_id is None or detail.get("device") is not None:
        if not (ue_id is None and port is None):
            findings.add(Finding.IDENTIFIER_OUTSIDE_DEVICE)
        return detail
    findings.add(Finding.DRAFT_FORM)
    rest = {name: said for name, said in detail.items() if name not in ("ueId", "uePort")}
    if isinstance(ue_id, dict):
        ipv4 = _strip(ue_id.get("ipv4Addr"))
        if ipv4 is None and port is not None:
            # A port without an address identifies nothing.
            findings.add(Finding.IDENTIFIER_OUTSIDE_DEVICE)
        return {**rest, "device": _rewrite(ue_id, ipv4, port)}
    return {**rest, "device": ue_id}


def _find(name: str, detail: Mapping[str, object], event: Mapping[str, object]) -> object:
    said = detail.get(name)
    return event.get(name) if said is None else said


def _rewrite(ue_id: Mapping[str, object], ipv4: object, port: object) -> dict[str, object]:
    number = ue_id.get("msisdn")
    if isinstance(number, str) and _MSISDN_WITHOUT_PLUS.fullmatch(number):
        number = f"+{number}"
    others = {name: said for name, said in ue_id.items() if name not in _MEMBERS}
    device = {
        "phoneNumber": number,
        "networkAccessIdentifier": ue_id.get("externalId"),
        "ipv4Address": {"publicAddress": ipv4, "publicPort": port} if ipv4 is not None else None,
        "ipv6Address": _strip(ue_id.get("ipv6Addr")),
    }
    return others | {name: said for name, said in device.items() if said is not None}


def _strip(address: object) -> object:
    return identifiers.strip_prefix_length(address) if isinstance(address, str) else address
