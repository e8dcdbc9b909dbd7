"""Roaming: whether the device roams, and in which country."""

import re

from receiver.events.event import Kind, Status
from receiver.events.family import Family, Meaning, Members
from receiver.events.findings import Finding

# The highest country code: an MCC has three digits, and a calling code at most four.
_COUNTRY_CODE_LIMIT = 9999
# Names in one list; chosen, for CAMARA sets no limit and its longest example has five (MCC 340).
_NAMES_LIMIT = 64
# Characters of a country's name; chosen, about twice the longest official name of ISO 3166.
_NAME_LENGTH_LIMIT = 128

_DIGITS = re.compile(r"[0-9]{1,9}")
_ALPHA2 = re.compile(r"[A-Z]{2}")
_TRUTHS = {"true": True, "false": False}

_ON = Status(roaming=True)
_OFF = Status(roaming=False)


def _read_status(members: Members) -> Status:
    """The device began or ceased to roam; a first event says whether it roams."""
    code, names = _read_country(members)
    roaming = _read_roaming(members)
    if roaming is None:
        members.findings.add(Finding.ROAMING_MISSING)
    # By position, as names take longer; guarded by `test_a_roaming_status_says_all_it_can`.
    return Status(None, roaming, code, names)


def _read_change_of_country(members: Members) -> Status:
    """The device went from one country abroad to another, so that it roams."""
    code, names = _read_country(members)
    if code is None and names is None:
        members.findings.add(Finding.COUNTRY_MISSING)
    # By position, as in `_read_status`; guarded by `test_a_change_of_country_says_where`.
    return Status(None, True, code, names)


def _read_on(_members: Members) -> Status:
    """The device began to roam; no release says in which country."""
    return _ON


def _read_off(_members: Members) -> Status:
    """The device is back in its home country."""
    return _OFF


def _read_country(members: Members) -> tuple[int | None, tuple[str, ...] | None]:
    """Reads the code and the names of the country, whatever code and names the sender uses."""
    code, names = members.sent.get("countryCode"), members.sent.get("countryName")
    if code is None or names is None:
        code, names = _look_elsewhere(members, code, names)
    return _read_code(members, code), _read_names(members, names)


def _look_elsewhere(members: Members, code: object, names: object) -> tuple[object, object]:
    """Looks in two other places: `ountryName`, and inside `device` (example of 0.5.0)."""
    if names is None:
        names = members.sent.get("ountryName")
        if names is not None:
            members.findings.add(Finding.COUNTRY_NAME_MISSPELT)
    device = members.sent.get("device")
    if isinstance(device, dict):
        code_inside = device.get("countryCode") if code is None else None
        names_inside = device.get("countryName") if names is None else None
        if not (code_inside is None and names_inside is None):
            members.findings.add(Finding.COUNTRY_INSIDE_DEVICE)
            code = code if code_inside is None else code_inside
            names = names if names_inside is None else names_inside
    return code, names


def _read_code(members: Members, code: object) -> int | None:
    if code is None:
        return None
    if isinstance(code, str) and _DIGITS.fullmatch(code):
        members.findings.add(Finding.COUNTRY_CODE_NOT_AN_INTEGER)
        code = int(code)
    if not isinstance(code, int) or isinstance(code, bool):
        raise members.refuse("must be an integer", "countryCode")
    if not 1 <= code <= _COUNTRY_CODE_LIMIT:
        raise members.refuse("out of range", "countryCode")
    return code


def _read_names(members: Members, names: object) -> tuple[str, ...] | None:
    if names is None:
        return None
    if isinstance(names, str):
        members.findings.add(Finding.COUNTRY_NAME_NOT_A_LIST)
        names = [names]
    if not isinstance(names, list):
        raise members.refuse("must be a list of strings", "countryName")
    if len(names) > _NAMES_LIMIT:
        raise members.refuse("too many members", "countryName")
    is_alpha2 = True
    for index, name in enumerate(names):
        if not isinstance(name, str):
            raise members.refuse("must be a string", f"countryName[{index}]")
        if len(name) > _NAME_LENGTH_LIMIT:
            raise members.refuse("too long", f"countryName[{index}]")
        is_alpha2 = is_alpha2 and _ALPHA2.fullmatch(name) is not None
    if not is_alpha2:
        members.findings.add(Finding.COUNTRY_NAME_NOT_ALPHA2)
    return tuple(names)


def _read_roaming(members: Members) -> bool | None:
    roaming = members.sent.get("roaming")
    if isinstance(roaming, str) and roaming.lower() in _TRUTHS:
        members.findings.add(Finding.ROAMING_NOT_A_BOOLEAN)
        return _TRUTHS[roaming.lower()]
    if not (roaming is None or isinstance(roaming, bool)):
        raise members.refuse("must be true or false", "roaming")
    return roaming


FAMILY = Family(
    meanings={
        "roaming-status": Meaning(Kind.ROAMING, _read_status),
        "roaming-change-country": Meaning(Kind.ROAMING, _read_change_of_country),
        "roaming-on": Meaning(Kind.ROAMING, _read_on),
        "roaming-off": Meaning(Kind.ROAMING, _read_off),
    },
    apis_without_subscription_id=frozenset({".device-status.", ".roaming-status-subscriptions."}),
)
