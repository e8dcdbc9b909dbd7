"""Where a request comes from: nobody but a trusted proxy has a say in it."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.api.access.addresses import HOPS_LIMIT, find_sender, name_bucket, redact_bucket

TRUSTED = frozenset(map(ip_network, ("10.0.0.0/8", "192.0.2.1", "2001:db8:ffff::/48")))


def found(peer: str | None, *forwarded: str) -> str | None:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    client = None if peer is None else (peer, 4711)
    address = find_sender({"type": "http", "client": client, "headers": headers}, TRUSTED)
    return None if address is None else str(address)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.7",), "203.0.113.9"),
        ("10.1.2.3", (), "10.1.2.3"),
        ("10.1.2.3", ("198.51.100.7",), "198.51.100.7"),
        ("10.1.2.3", ("203.0.113.66, 198.51.100.7",), "198.51.100.7"),
        ("10.1.2.3", ("203.0.113.66", "198.51.100.7"), "198.51.100.7"),
        ("10.1.2.3", ("203.0.113.66, 198.51.100.7 , 192.0.2.1",), "198.51.100.7"),
        ("10.1.2.3", ("198.51.100.7:50123",), "198.51.100.7"),
        ("10.1.2.3", ("[2001:db8::7]:50123",), "2001:db8::7"),
        ("10.1.2.3", ("2001:db8::7",), "2001:db8::7"),
        ("2001:db8:ffff::1", ("::ffff:198.51.100.7",), "198.51.100.7"),
        ("::ffff:10.1.2.3", ("198.51.100.7",), "198.51.100.7"),
        ("10.1.2.3", ("198.51.100.7, unknown",), "10.1.2.3"),
        ("10.1.2.3", ("",), "10.1.2.3"),
        ("10.1.2.3", ("10.9.9.9",), "10.9.9.9"),
        (None, ("198.51.100.7",), None),
        ("/run/socket", ("198.51.100.7",), None),
    ],
)
def test_the_sender_is_the_last_address_that_no_trusted_proxy_has(
    peer: str | None, forwarded: tuple[str, ...], expected: str | None
) -> None:
    assert found(peer, *forwarded) == expected


def test_a_chain_is_followed_so_far_and_no_further() -> None:
    proxies = ", ".join(["10.0.0.1"] * (HOPS_LIMIT - 1))
    assert found("10.1.2.3", f"198.51.100.7, {proxies}") == "198.51.100.7"
    assert found("10.1.2.3", f"198.51.100.7, 10.0.0.1, {proxies}") == "10.0.0.1"


@given(forged=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")))
def test_whatever_a_stranger_writes_the_trusted_proxy_has_the_last_word(forged: str) -> None:
    assert found("10.1.2.3", f"{forged}, 198.51.100.7") == "198.51.100.7"
    assert found("203.0.113.9", forged) == "203.0.113.9"
    assert found("10.1.2.3", forged) is not None


@pytest.mark.parametrize(
    ("address", "counted", "shown"),
    [
        ("198.51.100.7", "198.51.100.7", "198.51.100.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        (None, "unknown", "unknown"),
    ],
)
def test_ipv6_counts_by_the_site_and_logs_show_the_network(
    address: str | None, counted: str, shown: str
) -> None:
    named = None if address is None else ip_address(address)
    assert name_bucket(named) == counted
    assert redact_bucket(counted) == shown
