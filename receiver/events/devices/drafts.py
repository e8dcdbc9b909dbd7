"""The device in the drafts of 2023, `ueId` and `uePort`, rewritten as CAMARA's `Device`."""

import re
from collections.abc import Mapping

from receiver.errors import NotificationRefused
from receiver.events.devices import identifiers
from receiver.events.findings import Finding

# The msisdn of device-status 0.4.1: the plus is optional.
_MSISDN_WITHOUT_PLUS = re.compile(r"[1-9][0-9]{4,14}")


def complete_detail(
    detail: dict[str, object], event: Mapping[str, object], findings: set[Finding]
) -> dict[str, object]:
    """Returns the members of `eventDetail` with a `device`, however the draft names it.

    The drafts allow a prefix length and a number without plus, so that neither is a finding.

    Args:
        event: holds `ueId` and `uePort` if the detail does not.

    Raises:
        NotificationRefused: `ueId` is not an object.
    """
    if detail.get("device") is not None:
        return detail
    ue_id = detail.get("ueId")
    if ue_id is None:
        ue_id = event.get("ueId")
    if ue_id is None:
        return detail
    findings.add(Finding.DRAFT_FORM)
    if not isinstance(ue_id, dict):
        raise NotificationRefused("must be an object", "ueId")
    port = detail.get("uePort")
    return {**detail, "device": _rewrite(ue_id, event.get("uePort") if port is None else port)}


def _rewrite(ue_id: Mapping[str, object], port: object) -> dict[str, object]:
    number = ue_id.get("msisdn")
    if isinstance(number, str) and _MSISDN_WITHOUT_PLUS.fullmatch(number):
        number = f"+{number}"
    ipv4 = _strip(ue_id.get("ipv4Addr"))
    return {
        "phoneNumber": number,
        "networkAccessIdentifier": ue_id.get("externalId"),
        # A port without an address identifies nothing.
        "ipv4Address": {"publicAddress": ipv4, "publicPort": port} if ipv4 is not None else None,
        "ipv6Address": _strip(ue_id.get("ipv6Addr")),
    }


def _strip(address: object) -> object:
    return identifiers.strip_prefix_length(address) if isinstance(address, str) else address
