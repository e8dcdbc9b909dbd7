"""The device as the drafts of 2023 name it: `ueId` and `uePort`, in the detail or beside it."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest

from receiver.events.devices.drafts import complete_detail
from receiver.events.event import Device
from receiver.events.findings import Finding
from tests.support import bodies


def _device(ue_id: object, **detail: object) -> tuple[Device, tuple[str, ...]]:
    event = bodies.understood(bodies.flat("ROAMING_ON", {"ueId": ue_id} | detail))
    return event.device, event.findings


def test_every_identifier_of_a_draft_is_read_and_its_own_notation_is_no_fault() -> None:
    ue_id = {
        "externalId": "meter-1@Fleet.INVALID",
        "msisdn": "99999991000",
        "ipv4Addr": "203.0.113.1/32",
        "ipv6Addr": "2001:db8::1/64",
    }
    expected = Device(
        phone_number="+99999991000",
        network_access_identifier="meter-1@fleet.invalid",
        ipv4_public_address=IPv4Address("203.0.113.1"),
        ipv4_public_port=5060,
        ipv6_address=IPv6Address("2001:db8::1"),
    )
    assert (expected, ("draft-form",)) == _device(ue_id, uePort=5060)


@pytest.mark.parametrize(
    ("detail", "members"),
    [
        ({"ueId": {"ipv4Addr": "203.0.113.1"}, "uePort": 80}, {}),
        ({"ueId": {"ipv4Addr": "203.0.113.1"}}, {"uePort": 80}),
        ({"uePort": 80}, {"ueId": {"ipv4Addr": "203.0.113.1"}}),
        ({}, {"ueId": {"ipv4Addr": "203.0.113.1"}, "uePort": 80}),
    ],
)
@pytest.mark.parametrize("form", [bodies.flat, bodies.legacy])
def test_the_device_is_found_in_the_detail_and_beside_it(
    form: Callable[..., bytes], detail: dict[str, object], members: dict[str, object]
) -> None:
    event = bodies.understood(form("ROAMING_ON", detail, **members))
    expected = Device(ipv4_public_address=IPv4Address("203.0.113.1"), ipv4_public_port=80)
    assert (expected, ("draft-form",)) == (event.device, event.findings)


@pytest.mark.parametrize(
    ("ue_id", "device", "findings"),
    [
        ({"msisdn": 99999991000}, Device("+99999991000"), {"phone-number-not-a-string"}),
        ({"msisdn": "0099999991000"}, Device("+99999991000"), {"phone-number-not-e164"}),
        ({"msisdn": "none"}, Device(), {"phone-number-malformed"}),
        ({"ipv4Addr": "203.0.113"}, Device(), {"ipv4-address-malformed"}),
        ({"ipv6Addr": 1}, Device(), {"ipv6-address-malformed"}),
        (
            {"externalId": "a b@c"},
            Device(network_access_identifier="a b@c"),
            {"network-access-identifier-malformed"},
        ),
        ({}, Device(), {"device-without-identifier"}),
        ("+99999991000", Device(), {"device-not-an-object"}),
        (17, Device(), {"device-not-an-object"}),
        (
            {"phoneNumber": "+99999991000"},
            Device("+99999991000"),
            set(),
        ),
    ],
)
def test_what_breaks_a_draft_too_is_a_finding(
    ue_id: object, device: Device, findings: set[str]
) -> None:
    read_device, found = _device(ue_id)
    assert device == read_device
    assert {"draft-form"} | findings == set(found) - {"phone-number-without-plus"}


def test_a_port_without_an_ipv4_address_is_left_out() -> None:
    expected = Device(ipv6_address=IPv6Address("2001:db8::1"))
    assert (expected, ("draft-form", "identifier-outside-device")) == _device(
        {"ipv6Addr": "2001:db8::1"}, uePort=80
    )


def test_a_device_object_is_preferred_to_a_ue_id() -> None:
    device, found = _device({"msisdn": "+99999991002"}, device={"phoneNumber": "+99999991001"})
    assert Device("+99999991001") == device
    assert found == ("draft-form", "identifier-outside-device")


def test_a_detail_with_a_device_or_without_any_stays_as_it_is() -> None:
    findings: set[Finding] = set()
    detail: dict[str, object] = {"device": {"phoneNumber": "+99999991000"}}
    assert detail is complete_detail(detail, {}, findings)
    assert complete_detail({}, {}, findings) == {}
    assert findings == set()


@pytest.mark.parametrize("form", [bodies.flat, bodies.legacy])
def test_a_device_beside_the_detail_is_taken_where_the_detail_has_none(
    form: Callable[..., bytes],
) -> None:
    for detail, number in (
        ({}, "+99999991001"),
        ({"device": {"phoneNumber": "+99999991000"}}, "+99999991000"),
    ):
        body = form("ROAMING_ON", detail, device={"phoneNumber": "+99999991001"})
        event = bodies.understood(body)
        assert event.device == Device(number)
        assert set(event.findings) - {"draft-form"} == {"identifier-outside-device"}


@pytest.mark.parametrize(
    ("detail", "event"),
    [
        ({"device": {"phoneNumber": "+99999991000"}}, {"ueId": {"msisdn": "+99999991001"}}),
        ({"device": {"phoneNumber": "+99999991000"}}, {"uePort": 80}),
        ({"uePort": 80}, {}),
    ],
)
def test_what_of_a_draft_identifies_nothing_is_found(
    detail: dict[str, object], event: dict[str, object]
) -> None:
    findings: set[Finding] = set()
    assert detail is complete_detail(detail, event, findings)
    assert findings == {Finding.IDENTIFIER_OUTSIDE_DEVICE}
