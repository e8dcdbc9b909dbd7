"""Identifiers are found in any bytes, and other numbers are not taken for them."""

import base64
import gzip
import json
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.erasure.notations import Needles, list_readings
from receiver.events.event import Device

NUMBER = "+99999991000"
NAI = "device@operator.example"
LIMIT = 100_000
NEEDLES = Needles([NUMBER], [NAI], [], ["s-1"])


def is_found(body: bytes, needles: Needles = NEEDLES) -> bool:
    return any(map(needles.are_in, list_readings(body, LIMIT)))


def escaped(text: str) -> str:
    """Writes each character as JSON may."""
    return "".join(f"\\u{ord(character):04x}" for character in text)


# A truncated body has no closing bracket, and no parser reads it.
CUT_OFF = '{"data": {"device": {"phoneNumber": "%s'

NOTATIONS = [
    "+99999991000",
    "99999991000",
    "0099999991000",
    "tel:+99999991000",
    "+999 9999 1000",
    "+999-(0)-9999.1000",
    "\uff0b\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff11\uff10\uff10\uff10",
    "+999\u00a09999\u20111000",
]


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(
    "write",
    [
        lambda text: (CUT_OFF % text).encode(),
        lambda text: (CUT_OFF % escaped(text)).encode(),
        lambda text: quote(CUT_OFF % text, safe="").encode(),
        lambda text: json.dumps(json.dumps({"data": json.dumps(text)})).encode(),
        lambda text: b'{"data_base64": "' + base64.b64encode((CUT_OFF % text).encode()),
        lambda text: gzip.compress((CUT_OFF % text).encode() + bytes(range(256)) * 9)[:-40],
        lambda text: (CUT_OFF % text).encode("utf-16"),
    ],
    ids=["plain", "escaped", "percent", "strings", "base64", "gzip-cut-off", "utf-16"],
)
def test_a_phone_number_is_found_in_what_no_parser_reads(notation: str, write: object) -> None:
    assert callable(write)
    assert is_found(write(notation))


@pytest.mark.parametrize(
    "text",
    ["+999999910001", "199999991000", "99999991001", "other@operator.example", f"{NAI}.com", "s-1"],
)
def test_what_only_resembles_it_is_not_found(text: str) -> None:
    assert not is_found((CUT_OFF % text).encode())


@pytest.mark.parametrize("text", [NAI, NAI.upper(), quote(NAI), escaped(NAI)])
def test_a_network_access_identifier_is_found_whatever_its_case(text: str) -> None:
    assert is_found((CUT_OFF % text).encode())
    assert not is_found((CUT_OFF % f"my-{text}").encode())


def test_a_word_is_found_as_a_whole_string() -> None:
    assert is_found(b'{"subscriptionId": "s-1", ')
    assert not is_found(b'{"subscriptionId": "s-11", ')


@pytest.mark.parametrize(
    "text", ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "[2001:db8::1]:80", "2001:db8::1/128"]
)
def test_an_ipv6_address_is_found_in_every_notation(text: str) -> None:
    address = Needles([], [], [Device(ipv6_address=IPv6Address("2001:db8::1"))], [])
    assert is_found((CUT_OFF % text).encode(), address)
    assert not is_found((CUT_OFF % "2001:db8::2").encode(), address)


def test_an_ipv4_address_counts_with_its_port_alone() -> None:
    shared = Device(ipv4_public_address=IPv4Address("203.0.113.7"), ipv4_public_port=4711)
    address = Needles([], [], [shared], [])
    assert is_found(b'"publicAddress": "203.0.113.7", "publicPort": 4711', address)
    assert is_found(b'"203.0.113.7:4711"', address)
    assert not is_found(b'"publicAddress": "203.0.113.7", "publicPort": 4712', address)
    assert not is_found(b'"publicAddress": "203.0.113.8", "publicPort": 4711', address)


def test_what_unfolds_into_much_is_read_to_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert max(map(len, list_readings(bomb, 1000))) < 1_000_000


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([NUMBER[1:], NAI]))
def test_any_bytes_around_an_identifier_hide_it_never(around: bytes, needle: str) -> None:
    assert is_found(around.replace(b"\\", b"") + b'"' + needle.encode() + b'"' + around)
