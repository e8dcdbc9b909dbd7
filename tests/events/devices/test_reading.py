"""How the identifiers of a device are read from what senders write."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from receiver.events.devices import identifiers
from receiver.events.devices.reading import read_device
from receiver.events.event import Device
from receiver.events.findings import Finding


def _read(value: object) -> tuple[Device, set[str]]:
    findings: set[Finding] = set()
    device, _ = read_device(value, findings)
    return device, set(map(str, findings))


def test_all_four_identifiers_are_read() -> None:
    device, findings = _read(
        {
            "phoneNumber": "+99999991000",
            "networkAccessIdentifier": "Meter-1@Fleet.Example.INVALID",
            "ipv4Address": {
                "publicAddress": "203.0.113.1",
                "privateAddress": "192.0.2.1",
                "publicPort": 80,
            },
            "ipv6Address": "2001:DB8:0:0::1",
        }
    )
    assert (
        Device(
            phone_number="+99999991000",
            network_access_identifier="Meter-1@fleet.example.invalid",
            ipv4_public_address=IPv4Address("203.0.113.1"),
            ipv4_private_address=IPv4Address("192.0.2.1"),
            ipv4_public_port=80,
            ipv6_address=IPv6Address("2001:db8::1"),
        )
        == device
    )
    assert set() == findings


def test_null_is_absent() -> None:
    assert (Device(), set()) == _read(None)
    assert (Device("+99999"), set()) == _read({"phoneNumber": "+99999", "ipv4Address": None})


@pytest.mark.parametrize("value", ["+99999991000", 17, [], True])
def test_a_device_that_is_no_object_is_left_out(value: object) -> None:
    assert (Device(), {"device-not-an-object"}) == _read(value)


@pytest.mark.parametrize("value", [{}, {"phoneNumber": None}, {"imsi": "999990000000001"}])
def test_a_device_of_which_nothing_is_known_is_found(value: object) -> None:
    assert (Device(), {"device-without-identifier"}) == _read(value)


@pytest.mark.parametrize(
    ("value", "device"),
    [
        ({"msisdn": "+99999991000"}, Device("+99999991000")),
        ({"phone_number": "+99999991000"}, Device("+99999991000")),
        ({"PhoneNumber": "+99999991000"}, Device("+99999991000")),
        ({"phone-number": "+99999991000", "phoneNumber": None}, Device("+99999991000")),
        ({"externalId": "a@b.invalid"}, Device(network_access_identifier="a@b.invalid")),
        ({"ipv6Addr": "2001:db8::1"}, Device(ipv6_address=IPv6Address("2001:db8::1"))),
        ({"msisdn": "+99999991001", "phoneNumber": "+99999991000"}, Device("+99999991000")),
    ],
)
def test_an_identifier_under_another_name_is_taken_where_its_own_is_absent(
    value: object, device: Device
) -> None:
    assert (device, {"device-under-another-name"}) == _read(value)


def test_members_that_are_no_identifiers_are_handed_back() -> None:
    sent = {"phoneNumber": "+99999", "countryCode": 208, "msisdn": "+99999", "note": None}
    assert read_device(sent, set()) == (Device("+99999"), {"countryCode": 208})


@pytest.mark.parametrize(
    ("sent", "number", "findings"),
    [
        ("99999991000", "+99999991000", {"phone-number-without-plus"}),
        (
            99999991000,
            "+99999991000",
            {"phone-number-not-a-string", "phone-number-without-plus"},
        ),
        (
            99999991000.0,
            "+99999991000",
            {"phone-number-not-a-string", "phone-number-without-plus"},
        ),
        ("+999 9999-1000", "+99999991000", {"phone-number-not-e164"}),
        ("(+999)\u00a0999\u20119.1000", "+99999991000", {"phone-number-not-e164"}),
        (
            "0099999991000",
            "+99999991000",
            {"phone-number-not-e164", "phone-number-without-plus"},
        ),
        ("+999 (0) 9999 1000", "+99999991000", {"phone-number-not-e164"}),
        ("+0099999991000", "+99999991000", {"phone-number-not-e164"}),
        ("tel:+99999991000", "+99999991000", {"phone-number-not-e164"}),
        ("\uff0b99999991000", "+99999991000", {"phone-number-not-e164"}),
        (
            "\u0669\u0669\u0669\u0669\u0669",
            "+99999",
            {"phone-number-not-e164", "phone-number-without-plus"},
        ),
        ("+99999", "+99999", set()),
        ("99999999999999", "+99999999999999", {"phone-number-without-plus"}),
    ],
)
def test_a_phone_number_is_read_in_any_notation(
    sent: object, number: str, findings: set[str]
) -> None:
    assert (Device(phone_number=number), findings) == _read({"phoneNumber": sent})


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "+",
        "+9999",
        "+9999999999999999",
        "+9999x999",
        "++99999",
        "99+99999",
        "+0999999910",
        "0999999910",
        "tel:99999;ext=1",
        -99999991000,
        0,
        9.5,
        True,
        [],
        {},
    ],
)
def test_a_malformed_phone_number_is_left_out(sent: object) -> None:
    assert (Device(), {"phone-number-malformed"}) == _read({"phoneNumber": sent})


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("[email\u00a0protected]", "[email\u00a0protected]"),
        ("meter 1@fleet.invalid", "meter 1@fleet.invalid"),
        ("<meter@Fleet.invalid>", "<meter@fleet.invalid>"),
        ("meter\x07@fleet.invalid", "meter\x07@fleet.invalid"),
    ],
)
def test_a_malformed_network_access_identifier_is_shown(sent: str, kept: str) -> None:
    device, findings = _read({"networkAccessIdentifier": sent})
    assert Device(network_access_identifier=kept) == device
    assert {"network-access-identifier-malformed"} == findings
    assert not identifiers.is_network_access_identifier(kept)


@pytest.mark.parametrize("sent", ["", "  ", 17, [], False])
def test_what_is_no_network_access_identifier_at_all_is_left_out(sent: object) -> None:
    assert (Device(), {"network-access-identifier-malformed"}) == _read(
        {"networkAccessIdentifier": sent}
    )


@pytest.mark.parametrize("sent", ["m" * 2049, "\u0958" * 2048])
def test_an_over_long_network_access_identifier_is_left_out(sent: str) -> None:
    """Of the second, normalisation makes two characters of each."""
    assert (Device(), {"network-access-identifier-malformed"}) == _read(
        {"networkAccessIdentifier": sent}
    )


@pytest.mark.parametrize(
    ("sent", "findings"),
    [
        ({"DeviceIpv4Addr": {"publicAddress": "203.0.113.1"}}, {"ipv4-address-wrapped"}),
        ({"deviceIpv4Addr": {"publicAddress": "203.0.113.1"}}, {"ipv4-address-wrapped"}),
        ("203.0.113.1", {"ipv4-address-not-an-object"}),
        ({"publicAddress": "::ffff:203.0.113.1"}, {"ip-address-decorated"}),
        ({"publicAddress": "[203.0.113.1]"}, {"ip-address-decorated"}),
        ("203.0.113.1/32", {"ipv4-address-not-an-object", "ip-address-decorated"}),
        ({"publicAddress": " 203.0.113.1 "}, {"ip-address-decorated"}),
        ({"publicAddress": "203.0.113.1", "publicPort": None}, set()),
        ({"publicAddress": "203.0.113.1", "publicPort": 0}, {"public-port-malformed"}),
        ({"publicAddress": "203.0.113.1", "publicPort": "0"}, None),
        ({"publicAddress": "203.0.113.1", "publicPort": 65536}, {"public-port-malformed"}),
        ({"publicAddress": "203.0.113.1", "publicPort": True}, {"public-port-malformed"}),
        ({"publicAddress": "203.0.113.1", "publicPort": "http"}, {"public-port-malformed"}),
        (
            {"publicAddress": "203.0.113.1", "privateAddress": "2001:db8::1"},
            {"ipv4-address-malformed"},
        ),
    ],
)
def test_an_ipv4_address_is_read_in_every_wrapping(sent: object, findings: set[str] | None) -> None:
    device, found = _read({"ipv4Address": sent})
    assert Device(ipv4_public_address=IPv4Address("203.0.113.1")) == device
    assert findings is None or findings == found


@pytest.mark.parametrize(
    "sent",
    [
        {"publicAddress": "203.0.113"},
        {"publicAddress": "203.0.113.256"},
        {"publicAddress": "203.0.113.1/x"},
        {"publicAddress": "203.000.113.001"},
        {"publicAddress": 3405803777},
        {"publicAddress": ""},
        {"publicAddress": "203.0.113.1\x00"},
        3405803777,
        [],
        {},
        {"address": "203.0.113.1"},
        {"DeviceIpv4Addr": "203.0.113.1"},
    ],
)
def test_a_malformed_ipv4_address_is_left_out(sent: object) -> None:
    assert (Device(), {"ipv4-address-malformed"}) == _read({"ipv4Address": sent})


def test_a_port_written_as_a_fraction_is_that_port() -> None:
    assert (Device(ipv4_public_port=80), set()) == _read({"ipv4Address": {"publicPort": 80.0}})
    assert (Device(), {"public-port-malformed"}) == _read({"ipv4Address": {"publicPort": 80.5}})


@pytest.mark.parametrize(
    ("sent", "port", "findings"),
    [
        ({"publicAddress": "203.0.113.9:5060"}, 5060, {"ip-address-decorated"}),
        ("203.0.113.9:5060", 5060, {"ip-address-decorated", "ipv4-address-not-an-object"}),
        (
            {"publicAddress": "203.0.113.9:5060", "publicPort": 80},
            80,
            {"ip-address-decorated"},
        ),
        (
            {"publicAddress": "203.0.113.9:0"},
            None,
            {"ip-address-decorated", "public-port-malformed"},
        ),
    ],
)
def test_a_port_behind_the_public_address_is_the_public_port(
    sent: object, port: int | None, findings: set[str]
) -> None:
    device, found = _read({"ipv4Address": sent})
    expected = Device(ipv4_public_address=IPv4Address("203.0.113.9"), ipv4_public_port=port)
    assert (expected, findings) == (device, found)


def test_a_port_in_digits_is_taken_as_a_number() -> None:
    device, findings = _read({"ipv4Address": {"publicPort": "80"}})
    assert (Device(ipv4_public_port=80), {"public-port-not-an-integer"}) == (device, findings)


@pytest.mark.parametrize(
    ("sent", "address", "findings"),
    [
        ("2001:0DB8:0000::0001", "2001:db8::1", set()),
        ("2001:db8::1/64", "2001:db8::1", {"ip-address-decorated"}),
        ("fe80::1%eth0", "fe80::1", {"ip-address-decorated"}),
        ("[2001:db8::1]", "2001:db8::1", {"ip-address-decorated"}),
        ("[2001:db8::1]:5060", "2001:db8::1", {"ip-address-decorated"}),
        ("::ffff:203.0.113.1", "::ffff:203.0.113.1", set()),
    ],
)
def test_an_ipv6_address_is_read_in_any_notation(
    sent: str, address: str, findings: set[str]
) -> None:
    device, found = _read({"ipv6Address": sent})
    assert (Device(ipv6_address=IPv6Address(address)), findings) == (device, found)


@pytest.mark.parametrize("sent", ["203.0.113.1", "2001:db8::1::", "[2001:db8::1", "", "g::", 1, {}])
def test_a_malformed_ipv6_address_is_left_out(sent: object) -> None:
    assert (Device(), {"ipv6-address-malformed"}) == _read({"ipv6Address": sent})
