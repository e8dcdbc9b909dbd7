"""What people type to find a device: an identifier of any kind, with blanks as they come."""

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from uuid import UUID

_IPV4_AND_PORT = re.compile(r"(\d+\.\d+\.\d+\.\d+):(\d{1,5})")
_BRACKETS = re.compile(r"\[(.+)\](?::\d+)?")


def read_identifier(text: str) -> UUID | dict[str, Any]:
    """Returns a device id, or a `device` as the questions take it.

    What is neither an address nor has an at sign is a phone number; the API says what is wrong
    with it.
    """
    word = "".join(text.split())
    try:
        return UUID(word)
    except ValueError:
        pass
    if "@" in word:
        return {"networkAccessIdentifier": word}
    host, port = word, None
    if with_port := _IPV4_AND_PORT.fullmatch(word):
        host, port = with_port[1], int(with_port[2])
    elif in_brackets := _BRACKETS.fullmatch(word):
        host = in_brackets[1]
    try:
        address = ip_address(host)
    except ValueError:
        return {"phoneNumber": word}
    match address:
        case IPv6Address():
            return {"ipv6Address": str(address)}
        case IPv4Address():
            ipv4: dict[str, Any] = {"publicAddress": str(address)}
            return {"ipv4Address": ipv4 if port is None else {**ipv4, "publicPort": port}}


def list_candidates(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Returns the latest event of each device among the events of an identifier."""
    found: dict[str, Mapping[str, Any]] = {}
    for event in events:
        found.setdefault(event["deviceId"], event)
    return list(found.values())
