"""One notation for each identifier: what each function writes, and for which text it is None."""

from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.events.devices import identifiers

_Address = TypeVar("_Address", IPv4Address, IPv6Address)


@pytest.mark.parametrize(
    ("text", "is_e164"),
    [
        ("+99999", True),
        ("+999999999999999", True),
        ("+9999", False),
        ("+9999999999999999", False),
        ("99999991000", False),
        ("+0999999910", False),
        ("+999 9999", False),
    ],
)
def test_only_a_plus_and_five_to_fifteen_digits_are_e164(text: str, is_e164: bool) -> None:
    assert is_e164 == identifiers.is_e164(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+99999991000", "+99999991000"),
        ("0099999991000", "+99999991000"),
        ("(+999)\u00a09999\u2011.1000", "+99999991000"),
        ("+44 (0) 7700 900123", "+447700900123"),
        ("+44(0)7700-900123", "+447700900123"),
        ("(+44) (0)7700 900123", "+447700900123"),
        ("0044 (0) 7700 900123", "+447700900123"),
        ("44 ( 0 ) 7700 900123", "+447700900123"),
        ("+999 9999 (0) 1000", "+999999901000"),
        ("+999 (00) 91000", "+9990091000"),
        ("+0099999991000", "+99999991000"),
        ("+00 999 9999 1000", "+99999991000"),
        ("tel:+99999991000", "+99999991000"),
        (" TEL:+999-9999-1000", "+99999991000"),
        ("\uff0b\uff19\uff19\uff19\uff19\uff19\uff19", "+999999"),
        ("\uff0b999\uff08\uff10\uff09999", "+999999"),
        ("\u0669\u0669\u0669\u0669\u0669", "+99999"),
        ("+\u096f\u096f\u096f\u096f\u096f", "+99999"),
        ("0999999910", None),
        ("+0999999910", None),
        ("(0) 999 999910", None),
        ("000999999910", None),
        ("+000999999910", None),
        ("tel:99999;ext=1", None),
        ("sip:+99999991000", None),
        ("+99999991000" + 244 * " ", "+99999991000"),
        ("+99999991000" + 245 * " ", None),
        ("9999", None),
        ("++99999", None),
        ("", None),
    ],
)
def test_a_phone_number_is_written_with_plus_and_digits(text: str, number: str | None) -> None:
    assert number == identifiers.normalise_phone_number(text)


@given(st.text(alphabet="0123456789+- ().xtel:\uff10\uff0b\u0669", max_size=20))
def test_a_phone_number_reads_back_as_itself(text: str) -> None:
    number = identifiers.normalise_phone_number(text)
    assert number is None or number == identifiers.normalise_phone_number(number)


@given(st.text(alphabet="0123456789+- ()", max_size=24))
def test_no_phone_number_begins_with_a_zero(text: str) -> None:
    number = identifiers.normalise_phone_number(text)
    assert number is None or identifiers.is_e164(number)


@pytest.mark.parametrize(
    ("text", "nai"),
    [
        (" Meter-1@Fleet.Example.INVALID ", "Meter-1@fleet.example.invalid"),
        ("e\u0301@a\u0308.invalid", "\u00e9@\u00e4.invalid"),
        ("No Realm", "No Realm"),
        ("  ", None),
    ],
)
def test_the_realm_of_a_network_access_identifier_is_written_in_lower_case(
    text: str, nai: str | None
) -> None:
    assert nai == identifiers.normalise_network_access_identifier(text)


@given(st.text())
def test_a_network_access_identifier_reads_back_as_itself(text: str) -> None:
    nai = identifiers.normalise_network_access_identifier(text)
    assert nai is None or nai == identifiers.normalise_network_access_identifier(nai)


@pytest.mark.parametrize("text", ["", "a b@c", "[email\u00a0protected]", "<a@b>", "a\x07@b"])
def test_space_brackets_and_control_characters_identify_nothing(text: str) -> None:
    assert identifiers.is_network_access_identifier("meter-1@fleet.invalid")
    assert not identifiers.is_network_access_identifier(text)


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("203.0.113.1/32", "203.0.113.1"),
        ("2001:db8::1/64", "2001:db8::1"),
        ("203.0.113.1/x", "203.0.113.1/x"),
        ("203.0.113.1/3200", "203.0.113.1/3200"),
        (" 203.0.113.1 ", " 203.0.113.1 "),
    ],
)
def test_a_prefix_length_is_removed_and_nothing_else(text: str, stripped: str) -> None:
    assert stripped == identifiers.strip_prefix_length(text)


def test_space_prefix_length_and_scope_are_removed_from_an_address() -> None:
    assert identifiers.strip_ip_address(" fe80::1%eth0 ") == "fe80::1"
    assert identifiers.strip_ip_address(" [fe80::1%eth0] ") == "fe80::1"
    assert identifiers.strip_ip_address("[fe80::1]:5060") == "fe80::1"
    assert identifiers.strip_ip_address("[fe80::1") == "[fe80::1"
    assert identifiers.strip_ip_address(" 2001:db8::1/64 ") == "2001:db8::1"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("203.0.113.9:5060", ("203.0.113.9", 5060)),
        (" 203.0.113.9:80 ", ("203.0.113.9", 80)),
        ("203.0.113.9", ("203.0.113.9", None)),
        ("203.0.113.9:", ("203.0.113.9:", None)),
        ("203.0.113.9:123456", ("203.0.113.9:123456", None)),
        ("2001:db8::1", ("2001:db8::1", None)),
    ],
)
def test_a_port_behind_an_ipv4_address_is_split_off(
    text: str, parts: tuple[str, int | None]
) -> None:
    assert parts == identifiers.split_port(text)


@given(
    st.text(alphabet="0123456789abcdefx:.%/ []", max_size=24)
    | st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}")
)
def test_an_address_is_read_exactly_where_the_standard_library_reads_one(text: str) -> None:
    bare = identifiers.strip_ip_address(text)
    ipv6 = _standard(IPv6Address, bare)
    ipv4 = _standard(IPv4Address, bare) or (ipv6 and ipv6.ipv4_mapped)
    assert identifiers.parse_ipv6_address(text) == ipv6
    assert identifiers.parse_ipv4_address(text) == ipv4


def _standard(address: type[_Address], text: str) -> _Address | None:
    try:
        return address(text)
    except ValueError:
        return None
