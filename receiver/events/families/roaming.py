"""Roaming: whether the device roams, and in which country."""

import re

from receiver.events.event import Kind, Status
from receiver.events.findings import Finding
from receiver.events.payload import Payload, Sent

_CODE_LAST = 9999
_NAMES_LIMIT = 64
_NAME_LENGTH_LIMIT = 128

_DIGITS = re.compile(r"[0-9]{1,9}")
_ALPHA2 = re.compile(r"[A-Z]{2}")
_TRUTHS = {"true": True, "false": False}

_ON = Status(roaming=True)
_OFF = Status(roaming=False)


def roaming_status(sent: Sent) -> Status:
    """The device began or ceased to roam; or, as a first event, whether it does."""
    code, names = _country(sent)
    roaming = _roaming(sent)
    if roaming is None:
        sent.findings.add(Finding.ROAMING_MISSING)
    return Status(None, roaming, code, names)


def change_country(sent: Sent) -> Status:
    """The device went from one country abroad to another, so it roams."""
    code, names = _country(sent)
    if code is None and names is None:
        sent.findings.add(Finding.COUNTRY_MISSING)
    return Status(None, True, code, names)


def on(_sent: Sent) -> Status:
    """The device began to roam; no release tells in which country."""
    return _ON


def off(_sent: Sent) -> Status:
    """The device is back in its home country."""
    return _OFF


def _country(sent: Sent) -> tuple[int | None, tuple[str, ...] | None]:
    """The country's code and its names; which numbers and names senders use differs."""
    code, names = sent.members.get("countryCode"), sent.members.get("countryName")
    if code is None or names is None:
        code, names = _elsewhere(sent, code, names)
    return _code(sent, code), _names(sent, names)


def _elsewhere(sent: Sent, code: object, names: object) -> tuple[object, object]:
    """Look where it also was seen: as `ountryName`, and inside `device` (0.5.0's example)."""
    if names is None:
        names = sent.members.get("ountryName")
        if names is not None:
            sent.findings.add(Finding.COUNTRY_NAME_MISSPELT)
    device = sent.members.get("device")
    if isinstance(device, dict):
        code_inside = device.get("countryCode") if code is None else None
        names_inside = device.get("countryName") if names is None else None
        if not (code_inside is None and names_inside is None):
            sent.findings.add(Finding.COUNTRY_INSIDE_DEVICE)
            code = code if code_inside is None else code_inside
            names = names if names_inside is None else names_inside
    return code, names


def _code(sent: Sent, code: object) -> int | None:
    if code is None:
        return None
    if isinstance(code, str) and _DIGITS.fullmatch(code):
        sent.findings.add(Finding.COUNTRY_CODE_NOT_AN_INTEGER)
        code = int(code)
    if not isinstance(code, int) or isinstance(code, bool):
        raise sent.refusal("must be an integer", "countryCode")
    if not 1 <= code <= _CODE_LAST:
        raise sent.refusal("out of range", "countryCode")
    return code


def _names(sent: Sent, names: object) -> tuple[str, ...] | None:
    if names is None:
        return None
    if isinstance(names, str):
        sent.findings.add(Finding.COUNTRY_NAME_NOT_A_LIST)
        names = [names]
    if not isinstance(names, list):
        raise sent.refusal("must be a list of strings", "countryName")
    if len(names) > _NAMES_LIMIT:
        raise sent.refusal("too many members", "countryName")
    is_alpha2 = True
    for index, name in enumerate(names):
        if not isinstance(name, str):
            raise sent.refusal("must be a string", f"countryName[{index}]")
        if len(name) > _NAME_LENGTH_LIMIT:
            raise sent.refusal("too long", f"countryName[{index}]")
        is_alpha2 = is_alpha2 and _ALPHA2.fullmatch(name) is not None
    if not is_alpha2:
        sent.findings.add(Finding.COUNTRY_NAME_NOT_ALPHA2)
    return tuple(names)


def _roaming(sent: Sent) -> bool | None:
    roaming = sent.members.get("roaming")
    if isinstance(roaming, str) and roaming.lower() in _TRUTHS:
        sent.findings.add(Finding.ROAMING_NOT_A_BOOLEAN)
        return _TRUTHS[roaming.lower()]
    if not (roaming is None or isinstance(roaming, bool)):
        raise sent.refusal("must be true or false", "roaming")
    return roaming


PAYLOADS = {
    "roaming-status": Payload(Kind.ROAMING, roaming_status),
    "roaming-change-country": Payload(Kind.ROAMING, change_country),
    "roaming-on": Payload(Kind.ROAMING, on),
    "roaming-off": Payload(Kind.ROAMING, off),
}
