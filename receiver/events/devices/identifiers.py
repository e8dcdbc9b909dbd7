"""One notation for every identifier of a device, so that equal identifiers compare as equal.

A function returns None for text that is no such identifier, and raises nothing.
"""

import re
import socket  # for inet_pton alone, which reads an address in a fifth of ipaddress's time
import unicodedata
from ipaddress import IPv4Address, IPv6Address

# Characters; chosen, ten times any notation of fifteen digits.
_PHONE_NUMBER_LENGTH_LIMIT = 256

_E164 = re.compile(r"\+[1-9][0-9]{4,14}")
# Unicode's spaces, dashes and invisible marks too: numbers are pasted from documents.
_SEPARATORS = re.compile(
    r"[\s().\-\u2010-\u2015\u2212\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+"
)
# A zero in brackets behind a country code, as in "+44 (0) 7700 900123": dialled at home only.
_TRUNK_ZERO = re.compile(r"^([^0-9]*(?:00)?[1-9][0-9]{0,2}[^0-9(]*)\(\s*0\s*\)")
_NOT_IN_A_NETWORK_ACCESS_IDENTIFIER = re.compile(r"[\s\[\]()<>\x00-\x1f\x7f-\x9f]")
_BRACKETED = re.compile(r"\[([^\[\]]*)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"\s*([0-9.]+):([0-9]{1,5})\s*", re.ASCII)
_PREFIX_LENGTH = re.compile(r"/[0-9]{1,3}$")


def is_e164(text: str) -> bool:
    """Tells whether a phone number has the notation of CAMARA since release 0.6: `+` and digits."""
    return _E164.fullmatch(text) is not None


def normalise_phone_number(text: str) -> str | None:
    """Writes a phone number as `+` and 5 to 15 digits, the first of which is no zero.

    Separators, `tel:` and a zero in brackets behind the country code go, the digits of every script
    are digits, and an international prefix `00` counts as `+`, also behind one. A number that still
    begins with a zero is none: its country is unknown.
    """
    if len(text) > _PHONE_NUMBER_LENGTH_LIMIT:
        return None
    if not text.isascii():
        text = "".join(map(_write_digit, unicodedata.normalize("NFKC", text)))
    text = text.strip()
    if text[:4].lower() == "tel:":
        text = text[4:]
    text = _TRUNK_ZERO.sub(r"\1", text)
    number = "+" + _SEPARATORS.sub("", text).removeprefix("+").removeprefix("00")
    return number if is_e164(number) else None


def _write_digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def normalise_network_access_identifier(text: str) -> str | None:
    """Writes `user@realm` (RFC 7542) without space around it, in NFC, the realm in lower case.

    A malformed one is returned too, so that it can be shown and found; only an empty one is None.
    `is_network_access_identifier` tells them apart.
    """
    stripped = unicodedata.normalize("NFC", text.strip())
    user, at, realm = stripped.rpartition("@")
    return unicodedata.normalize("NFC", f"{user}{at}{realm.lower() if at else realm}") or None


def is_network_access_identifier(text: str) -> bool:
    """Tells whether text identifies a device: it has no space, bracket or control character.

    Pages that hide e-mail addresses print `[email protected]`, and senders copy it.
    """
    return bool(text) and _NOT_IN_A_NETWORK_ACCESS_IDENTIFIER.search(text) is None


def strip_ip_address(text: str) -> str:
    """Removes from an address space and brackets around it, a prefix length and a scope.

    A port behind brackets goes with them: no IPv6 address of CAMARA has one.
    """
    bare = text.strip()
    if bare.startswith("["):
        bracketed = _BRACKETED.fullmatch(bare)
        bare = bare if bracketed is None else bracketed[1]
    return strip_prefix_length(bare).partition("%")[0]


def split_port(text: str) -> tuple[str, int | None]:
    """Returns an IPv4 address, and the port behind it; None: there is none."""
    parts = _WITH_PORT.fullmatch(text)
    return (text, None) if parts is None else (parts[1], int(parts[2]))


def strip_prefix_length(text: str) -> str:
    """Removes the `/32` or `/64` of an address."""
    return _PREFIX_LENGTH.sub("", text) if "/" in text else text


def parse_ipv4_address(text: str) -> IPv4Address | None:
    """Reads an IPv4 address, with or without a prefix length, also one mapped into IPv6."""
    bare = strip_ip_address(text)
    try:
        return IPv4Address(socket.inet_pton(socket.AF_INET, bare))
    except (OSError, ValueError):
        mapped = parse_ipv6_address(bare)
        return None if mapped is None else mapped.ipv4_mapped


def parse_ipv6_address(text: str) -> IPv6Address | None:
    """Reads an IPv6 address, with or without a prefix length or a scope; mapped ones stay."""
    try:
        return IPv6Address(socket.inet_pton(socket.AF_INET6, strip_ip_address(text)))
    except (OSError, ValueError):
        return None
