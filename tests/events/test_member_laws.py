"""The law of members: none refuses its event, and what one says is kept or found, never dropped.

The long form: `pytest -m long tests/events/test_member_laws.py`.
"""

from ipaddress import AddressValueError, IPv6Address
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.api.questions.resources import DeviceResource, StatusResource
from receiver.events.event import Event
from receiver.events.registry import FAMILIES
from tests.support import bodies

# An event of every meaning, with data in which nothing is wrong.
CLOUDEVENTS: dict[str, dict[str, Any]] = {
    "connectivity-data": {},
    "connectivity-sms": {},
    "connectivity-disconnected": {},
    "reachability-data": {},
    "reachability-sms": {},
    "reachability-disconnected": {},
    "roaming-status": {"roaming": True, "countryCode": 208, "countryName": ["FR"]},
    "roaming-change-country": {"countryCode": 208, "countryName": ["FR"]},
    "roaming-on": {},
    "roaming-off": {},
    "network-type-changed": {"connectedNetworkType": "5G"},
    "subscription-started": {"initiationReason": "SUBSCRIPTION_CREATED"},
    "subscription-updated": {"updateReason": "SUBSCRIPTION_ACTIVE"},
    "subscription-ended": {"terminationReason": "SUBSCRIPTION_EXPIRED"},
    "subscription-ends": {"terminationReason": "SUBSCRIPTION_EXPIRED"},
}
LEGACY: dict[str, dict[str, Any]] = {
    "CONNECTIVITY": {"deviceStatus": "REACHABLE"},
    "DEVICE_STATUS_CHANGED": {"deviceStatus": "UNREACHABLE"},
    "LOSS_OF_CONNECTIVITY": {},
    "UE_REACHABILITY": {"reachabilityType": "SMS"},
    "ROAMING_STATUS": {"roaming": False},
    "ROAMING_CHANGE_COUNTRY": {"countryCode": 208, "countryName": ["FR"]},
    "ROAMING_ON": {},
    "ROAMING_OFF": {},
    "SUBSCRIPTION_ENDS": {"terminationReason": "SUBSCRIPTION_EXPIRED"},
}
DEVICE: dict[str, Any] = {"device": {"phoneNumber": "+99999991000"}}

MEANINGS = [
    meaning
    for family in FAMILIES
    for meaning in (*family.meanings.values(), *family.legacy_meanings.values())
]
# The subscription id is an attribute of the event, wherever it stands, as `id` and `source` are.
TAKEN = frozenset().union(*(meaning.members for meaning in MEANINGS)) - {"subscriptionId"}
IDENTIFIERS = {
    "phoneNumber": "phoneNumber",
    "networkAccessIdentifier": "networkAccessIdentifier",
    "ipv4Address": "ipv4Address",
    "ipv6Address": "ipv6Address",
    "msisdn": "phoneNumber",
    "phone_number": "phoneNumber",
    "PhoneNumber": "phoneNumber",
    "externalId": "networkAccessIdentifier",
    "ipv6Addr": "ipv6Address",
}
IPV4 = ("publicAddress", "privateAddress", "publicPort")

# What a name implies is in the status, if in another word.
WORDS = {"deviceStatus": {"REACHABLE", "UNREACHABLE"}, "reachabilityType": {"DATA", "SMS"}}

WORTH_A_TRY: list[Any] = [
    *(False, True, 0, 1, -1, 80, 208, 208.0, 20801, 1.5, 10**18, 99999991000, 99999991000.0),
    *("", " ", "FR", "208", "yes", "True", "5G", "x" * 257, "y" * 2000, "+99999991000", "170123"),
    *("REACHABLE", "unreachable", "SMS", "fax", "a@B.invalid", "2001:DB8::1", "203.0.113.1:80"),
    *([], [None], ["FR"], ["FR", 1], ["France"], [208], ["FR"] * 70, {}, {"phoneNumber": None}),
    {"phoneNumber": "+99999991000", "x": 1},
    {"msisdn": "99999991000"},
    {"publicAddress": "203.0.113.1", "publicPort": 80.0},
]
values = st.sampled_from(WORTH_A_TRY) | st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*IDENTIFIERS, *IPV4, *sorted(TAKEN), "comment"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
members = st.sampled_from(sorted(TAKEN | IDENTIFIERS.keys()))


@st.composite
def events(draw: st.DrawFn) -> tuple[str, Any, Event]:
    """A member, a value that it has, and the event in whose data or device it stands."""
    name, value = draw(members), draw(values)
    device: dict[str, Any] = draw(st.sampled_from([DEVICE, {}]))
    data = {**device, "subscriptionId": "s"}
    stands_inside = name != "device" and draw(st.booleans())
    if draw(st.booleans()):
        type_ = draw(st.sampled_from(sorted(LEGACY)))
        return (
            name,
            value,
            bodies.legacy_event(type_, _hold(data | LEGACY[type_], name, value, stands_inside)),
        )
    type_ = draw(st.sampled_from(sorted(CLOUDEVENTS)))
    return (
        name,
        value,
        bodies.event(type_, _hold(data | CLOUDEVENTS[type_], name, value, stands_inside)),
    )


def _hold(data: dict[str, Any], name: str, value: Any, stands_inside: bool) -> dict[str, Any]:
    if not stands_inside:
        return data | {name: value}
    return data | {"device": data.get("device", {}) | {name: value}}


def _is_kept(name: str, value: Any, event: Event) -> bool:
    status = StatusResource.of(event.status).model_dump(by_alias=True, exclude_none=True)
    device = DeviceResource.of(event.device).model_dump(by_alias=True, exclude_none=True)
    if name == "device":
        return bool(_plain(_known(value, tuple(IDENTIFIERS))) == _plain(device))
    if name in IDENTIFIERS:
        return bool(_plain(_known(value, IPV4)) == _plain(device.get(IDENTIFIERS[name])))
    if name in WORDS:
        return value in list(WORDS[name]) and "connectivity" in status
    return type(status.get(name)) in (type(value), int) and bool(status[name] == value)


def _known(value: Any, names: tuple[str, ...]) -> Any:
    """The members that have a meaning; others are extensions, which anybody may add."""
    if not isinstance(value, dict):
        return value
    return {name: _known(value[name], IPV4) for name in names if value.get(name) is not None}


def _plain(value: Any) -> Any:
    """The value in one notation: of addresses, of the realm, and of space around it."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, str):
        try:
            return str(IPv6Address(value))
        except AddressValueError:
            return value.strip().lower()
    return value


@given(events())
def test_no_member_refuses_its_event_and_what_it_says_is_kept_or_found(
    said: tuple[str, Any, Event],
) -> None:
    _keep_or_find(said)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(events())
def test_no_member_refuses_its_event_and_what_it_says_is_kept_or_found_however_long_one_tries(
    said: tuple[str, Any, Event],
) -> None:
    _keep_or_find(said)


def _keep_or_find(said: tuple[str, Any, Event]) -> None:
    name, value, event = said
    assert event.findings or _is_kept(name, value, event)


@pytest.mark.parametrize("name", sorted(TAKEN | IDENTIFIERS.keys()))
def test_every_value_in_every_member_of_every_event_is_kept_or_found(name: str) -> None:
    places = (False, True) if name != "device" else (False,)
    for value, stands_inside, data in product(WORTH_A_TRY, places, (DEVICE, {})):
        held = {"subscriptionId": "s", **data}
        understood = [
            *(
                bodies.event(type_, _hold(held | valid, name, value, stands_inside))
                for type_, valid in CLOUDEVENTS.items()
            ),
            *(
                bodies.legacy_event(type_, _hold(held | valid, name, value, stands_inside))
                for type_, valid in LEGACY.items()
            ),
        ]
        dropped = [
            event.type
            for event in understood
            if not event.findings and not _is_kept(name, value, event)
        ]
        assert (value, dropped) == (value, [])


@pytest.mark.parametrize("device", [DEVICE, {}])
def test_an_event_in_which_nothing_is_wrong_has_no_finding(device: dict[str, Any]) -> None:
    held = {"subscriptionId": "s", **device}
    for type_, valid in CLOUDEVENTS.items():
        assert bodies.event(type_, held | valid).findings == ()
    for type_, valid in LEGACY.items():
        assert bodies.legacy_event(type_, held | valid).findings == ()


def test_every_meaning_is_tried() -> None:
    names = {name for family in FAMILIES for name in (*family.meanings, *family.legacy_meanings)}
    tried = {bodies.legacy_event(type_, valid).name for type_, valid in LEGACY.items()}
    assert names == tried | CLOUDEVENTS.keys()
