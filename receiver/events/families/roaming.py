"""Roaming: whether the device roams, and in which country."""

import re

from receiver.events.event import Form, Kind, Status
from receiver.events.family import COMMON_MEMBERS, Family, Meaning, Members
from receiver.events.findings import Finding
from receiver.events.numbers import read_whole_number

# The highest country code: an MCC has three digits, and a calling code at most four.
_COUNTRY_CODE_LIMIT = 9999
# Names in one list; chosen, for CAMARA sets no limit and its longest example has five (MCC 340).
_NAMES_LIMIT = 64
# Characters of a country's name; chosen, about twice the longest official name of ISO 3166.
_NAME_LENGTH_LIMIT = 128

_DIGITS = re.compile(r"[0-9]{1,9}")
_ALPHA2 = re.compile(r"[A-Z]{2}")
_MALFORMED_COUNTRY = {Finding.COUNTRY_CODE_MALFORMED, Finding.COUNTRY_NAME_MALFORMED}
_TRUTHS = {"true": True, "false": False}

_ON = Status(roaming=True)
_OFF = Status(roaming=False)

_COUNTRY = frozenset({"countryCode", "countryName"})
_MEMBERS = COMMON_MEMBERS | _COUNTRY | {"roaming", "ountryName"}


def _read_status(members: Members) -> Status:
    """The device began or ceased to roam; a first event says whether it roams."""
    code, names = _read_country(members)
    roaming = _read_roaming(members)
    if roaming is None and Finding.ROAMING_MALFORMED not in members.findings:
        members.findings.add(Finding.ROAMING_MISSING)
    # By position, as names take longer; guarded by `test_a_roaming_status_says_all_it_can`.
    return Status(None, roaming, code, names)


def _read_change_of_country(members: Members) -> Status:
    """The device went from one country abroad to another, so that it roams."""
    code, names = _read_country(members)
    if code is None and names is None and members.findings.isdisjoint(_MALFORMED_COUNTRY):
        members.findings.add(Finding.COUNTRY_MISSING)
    if "roaming" in members.sent:
        _compare(members, is_roaming=True)
    # By position, as in `_read_status`; guarded by `test_a_change_of_country_says_where`.
    return Status(None, True, code, names)


def _read_on(members: Members) -> Status:
    """The device began to roam."""
    return _read_bare(members, _ON)


def _read_off(members: Members) -> Status:
    """The device is back in its home country."""
    return _read_bare(members, _OFF)


def _read_bare(members: Members, status: Status) -> Status:
    """Reads an event whose name says it all; of its country too, where a sender tells one.

    The legacy form has one detail, with a country, for all roaming events; CAMARA has none here.
    """
    if members.sent.keys() <= COMMON_MEMBERS and not members.inside_device:
        return status
    code, names = _read_country(members)
    if members.form is Form.CLOUDEVENTS and not (code is None and names is None):
        members.findings.add(Finding.COUNTRY_UNEXPECTED)
    _compare(members, is_roaming=status is _ON)
    return status._replace(country_code=code, country_name=names)


def _compare(members: Members, *, is_roaming: bool) -> None:
    """Finds a `roaming` that contradicts the name of the event; the name counts."""
    said = _read_roaming(members)
    if said is not None and said is not is_roaming:
        members.findings.add(Finding.ROAMING_CONTRADICTS_NAME)


def _read_country(members: Members) -> tuple[int | None, tuple[str, ...] | None]:
    """Reads the code and the names of the country, whatever code and names the sender uses."""
    sent = members.sent
    code, names = sent.get("countryCode"), sent.get("countryName")
    if code is None or names is None or members.inside_device or "ountryName" in sent:
        code, names = _look_elsewhere(members, names)
    return _read_code(members, code), _read_names(members, names)


def _look_elsewhere(members: Members, names: object) -> tuple[object, object]:
    """Looks in two other places: `ountryName`, and inside `device` (example of 0.5.0)."""
    misspelt = members.sent.get("ountryName")
    if misspelt is not None:
        members.findings.add(Finding.COUNTRY_NAME_MISSPELT)
    code = members.take("countryCode", Finding.COUNTRY_INSIDE_DEVICE)
    inside = members.take("countryName", Finding.COUNTRY_INSIDE_DEVICE)
    if names is None:
        names = inside if misspelt is None else misspelt
    return code, names


def _read_code(members: Members, code: object) -> int | None:
    if code is None or (type(code) is int and 1 <= code <= _COUNTRY_CODE_LIMIT):
        return code
    is_text = isinstance(code, str) and _DIGITS.fullmatch(code) is not None
    number = int(str(code)) if is_text else read_whole_number(code)
    if number is None or not 1 <= number <= _COUNTRY_CODE_LIMIT:
        members.findings.add(Finding.COUNTRY_CODE_MALFORMED)
        return None
    if is_text:
        members.findings.add(Finding.COUNTRY_CODE_NOT_AN_INTEGER)
    return number


def _read_names(members: Members, names: object) -> tuple[str, ...] | None:
    if names is None:
        return None
    if isinstance(names, str):
        members.findings.add(Finding.COUNTRY_NAME_NOT_A_LIST)
        names = [names]
    if not isinstance(names, list):
        members.findings.add(Finding.COUNTRY_NAME_MALFORMED)
        return None
    # Most countries have one code.
    if len(names) == 1 and isinstance(names[0], str) and _ALPHA2.fullmatch(names[0]):
        return (names[0],)
    read = []
    is_alpha2 = True
    for name in names[:_NAMES_LIMIT]:
        if isinstance(name, str) and len(name) <= _NAME_LENGTH_LIMIT:
            read.append(name)
            is_alpha2 = is_alpha2 and _ALPHA2.fullmatch(name) is not None
    if not is_alpha2:
        members.findings.add(Finding.COUNTRY_NAME_NOT_ALPHA2)
    if len(read) < len(names):
        members.findings.add(Finding.COUNTRY_NAME_MALFORMED)
        if not read:
            # An empty list is an answer of its own: a code that belongs to no country, such as 901.
            return None
    return tuple(read)


def _read_roaming(members: Members) -> bool | None:
    roaming = members.sent.get("roaming")
    if roaming is None or isinstance(roaming, bool):
        return roaming
    if isinstance(roaming, str) and roaming.lower() in _TRUTHS:
        members.findings.add(Finding.ROAMING_NOT_A_BOOLEAN)
        return _TRUTHS[roaming.lower()]
    members.findings.add(Finding.ROAMING_MALFORMED)
    return None


FAMILY = Family(
    meanings={
        "roaming-status": Meaning(Kind.ROAMING, _MEMBERS, _read_status, _COUNTRY),
        "roaming-change-country": Meaning(
            Kind.ROAMING, _MEMBERS, _read_change_of_country, _COUNTRY
        ),
        "roaming-on": Meaning(Kind.ROAMING, _MEMBERS, _read_on, _COUNTRY),
        "roaming-off": Meaning(Kind.ROAMING, _MEMBERS, _read_off, _COUNTRY),
    },
    apis_without_subscription_id=frozenset({".device-status.", ".roaming-status-subscriptions."}),
)
