"""The device as the drafts of 2023 named it, `ueId` and `uePort`, rewritten as a `Device`."""

import re
from collections.abc import Mapping

from receiver.errors import NotificationRefused
from receiver.events.devices import identifiers
from receiver.events.findings import Finding

# The msisdn of device-status 0.4.1: the plus is optional.
_MSISDN_WITHOUT_PLUS = re.compile(r"[1-9][0-9]{4,14}")


def completed(
    detail: dict[str, object], event: Mapping[str, object], findings: set[Finding]
) -> dict[str, object]:
    """Give the members of `eventDetail` with a `device`, whichever draft names it.

    What is a draft's own way, a prefix length or a number without plus, is none of the findings.

    Args:
        event: where `ueId` and `uePort` stand if not in the detail.

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
    return {**detail, "device": _device(ue_id, event.get("uePort") if port is None else port)}


def _device(ue_id: Mapping[str, object], port: object) -> dict[str, object]:
    number = ue_id.get("msisdn")
    if isinstance(number, str) and _MSISDN_WITHOUT_PLUS.fullmatch(number):
        number = f"+{number}"
    ipv4 = _bare(ue_id.get("ipv4Addr"))
    return {
        "phoneNumber": number,
        "networkAccessIdentifier": ue_id.get("externalId"),
        # A port alone says nothing of which address it is.
        "ipv4Address": {"publicAddress": ipv4, "publicPort": port} if ipv4 is not None else None,
        "ipv6Address": _bare(ue_id.get("ipv6Addr")),
    }


def _bare(address: object) -> object:
    return identifiers.without_prefix_length(address) if isinstance(address, str) else address
