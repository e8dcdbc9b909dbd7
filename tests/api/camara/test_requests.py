"""The bodies of retrieve calls, and the identifier that decides."""

from typing import Any

import pytest
from pydantic import ValidationError

from receiver.api.camara.requests import (
    EarlyRequest,
    RetrieveRequest,
    StrictRequest,
    read_identifier,
)
from receiver.errors import IdentifierMissing
from receiver.events.event import Device

PHONE: dict[str, Any] = {"phoneNumber": "+99999991000"}
NAI: dict[str, Any] = {"networkAccessIdentifier": "device@Operator.Example"}
IPV6: dict[str, Any] = {"ipv6Address": "2001:DB8::9"}
IPV4: dict[str, Any] = {"ipv4Address": {"publicAddress": "203.0.113.9", "publicPort": 4711}}
EVERY = (EarlyRequest, RetrieveRequest, StrictRequest)

each_request = pytest.mark.parametrize("request_type", EVERY)


def read(request_type: type[RetrieveRequest], device: Any) -> RetrieveRequest:
    return request_type.model_validate({"device": device})


@each_request
@pytest.mark.parametrize("number", range(4))
def test_of_several_identifiers_the_strongest_decides_and_is_told_as_sent(
    request_type: type[RetrieveRequest], number: int
) -> None:
    in_order = [PHONE, NAI, IPV6, IPV4][number:]
    device = {name: said for one in reversed(in_order) for name, said in one.items()}
    chosen = read(request_type, device).choose()
    assert chosen.model_dump(by_alias=True, exclude_none=True) == in_order[0]


@pytest.mark.parametrize(
    ("device", "identifier"),
    [
        (PHONE, Device(phone_number="+99999991000")),
        (NAI, Device(network_access_identifier="device@operator.example")),
    ],
)
def test_an_identifier_is_looked_for_as_events_have_it(
    device: dict[str, Any], identifier: Device
) -> None:
    assert read_identifier(read(RetrieveRequest, device).choose()) == identifier


def test_an_address_is_looked_for_with_what_stands_beside_it() -> None:
    found = read_identifier(read(RetrieveRequest, IPV4).choose())
    assert (str(found.ipv4_public_address), found.ipv4_public_port) == ("203.0.113.9", 4711)
    private = {"publicAddress": "203.0.113.9", "privateAddress": "10.0.0.1"}
    found = read_identifier(read(RetrieveRequest, {"ipv4Address": private}).choose())
    assert str(found.ipv4_private_address) == "10.0.0.1"
    found = read_identifier(read(RetrieveRequest, IPV6).choose())
    assert str(found.ipv6_address) == "2001:db8::9"


BAD = [
    {},
    {"phoneNumber": None},
    # No identifier of any release.
    {"imei": "1"},
    {"phoneNumber": "99999991000 "},
    {"phoneNumber": "+0999999100"},
    {"phoneNumber": "+1234"},
    {"phoneNumber": "tel:+99999991000"},
    {"phoneNumber": "+99999991000\n"},
    {"networkAccessIdentifier": ""},
    {"networkAccessIdentifier": 7},
    {"ipv6Address": "2001:db8::/64"},
    {"ipv6Address": "fe80::1%eth0"},
    {"ipv6Address": "203.0.113.9"},
    {"ipv4Address": "203.0.113.9"},
    {"ipv4Address": {"publicAddress": "203.0.113.9"}},
    {"ipv4Address": {"publicPort": 80}},
    {"ipv4Address": {"publicAddress": "203.0.113.9/24", "publicPort": 80}},
    {"ipv4Address": {"publicAddress": "203.0.113.9", "publicPort": 65536}},
    {"ipv4Address": {"publicAddress": "203.0.113.9", "publicPort": "80"}},
    {"ipv4Address": {"publicAddress": "203.0.113.9", "publicPort": False}},
    {"ipv4Address": {"publicAddress": "203.0.113.9", "privateAddress": "10.0.0"}},
    [],
    "+99999991000",
]


@each_request
@pytest.mark.parametrize("device", BAD, ids=repr)
def test_an_identifier_that_breaks_its_schema_is_refused(
    request_type: type[RetrieveRequest], device: Any
) -> None:
    with pytest.raises(ValidationError):
        read(request_type, device)


def test_before_0_6_the_plus_is_optional() -> None:
    device = {"phoneNumber": "99999991000"}
    assert read_identifier(read(EarlyRequest, device).choose()).phone_number == "+99999991000"
    for request_type in (RetrieveRequest, StrictRequest):
        with pytest.raises(ValidationError):
            read(request_type, device)


@pytest.mark.parametrize(
    "body",
    [
        {"device": PHONE, "maxAge": 60},
        {"device": {**PHONE, "imei": "1"}},
        {"device": {"ipv4Address": {**IPV4["ipv4Address"], "privatePort": 1}}},
    ],
)
def test_a_member_that_nobody_declared_is_left_out_before_commonalities_r4_3(body: Any) -> None:
    assert RetrieveRequest.model_validate(body) == RetrieveRequest.model_validate(
        {"device": body["device"] if "ipv4Address" in body["device"] else PHONE}
    )
    with pytest.raises(ValidationError):
        StrictRequest.model_validate(body)


@pytest.mark.parametrize("request_type", [RetrieveRequest, StrictRequest])
@pytest.mark.parametrize("body", [{}, {"device": None}])
def test_a_body_without_a_device_names_none(
    request_type: type[RetrieveRequest], body: dict[str, None]
) -> None:
    with pytest.raises(IdentifierMissing):
        request_type.model_validate(body).choose()
    with pytest.raises(ValidationError):
        EarlyRequest.model_validate(body)
