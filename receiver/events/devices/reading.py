"""The identifiers of a device, read as any sender writes them."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from receiver.errors import NotificationRefused
from receiver.events.devices import identifiers
from receiver.events.event import Device
from receiver.events.findings import Finding

Address = TypeVar("Address", IPv4Address, IPv6Address)

_NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT = 2048
_PORT_DIGITS = re.compile(r"[0-9]{1,5}")
_IPV4 = (identifiers.ipv4_address, Finding.IPV4_ADDRESS_MALFORMED)
_IPV6 = (identifiers.ipv6_address, Finding.IPV6_ADDRESS_MALFORMED)
_NOBODY = Device()
_NOTHING: frozenset[Finding] = frozenset()


def read_device(value: object, place: str = "device") -> tuple[Device, frozenset[Finding]]:
    """Read CAMARA's `Device` object as any release, and Nokia, writes it.

    An identifier that makes no sense is left out with a finding: the event is worth more than it.

    Args:
        value: the object as sent, or None.
        place: the member it was sent in.

    Raises:
        NotificationRefused: it is not an object, or holds an over-long identifier.
    """
    if value is None:
        return _NOBODY, _NOTHING
    if not isinstance(value, dict):
        raise NotificationRefused("must be an object", place)
    findings: set[Finding] = set()
    number = nai = public = private = port = ipv6 = None
    # Few senders report more than one or two of them.
    if (sent := value.get("phoneNumber")) is not None:
        number = _phone_number(sent, findings)
    if (sent := value.get("networkAccessIdentifier")) is not None:
        nai = _network_access_identifier(sent, place, findings)
    if (sent := value.get("ipv4Address")) is not None:
        ipv4 = _ipv4_members(sent, findings)
        public = _address(ipv4.get("publicAddress"), *_IPV4, findings)
        private = _address(ipv4.get("privateAddress"), *_IPV4, findings)
        port = _port(ipv4.get("publicPort"), findings)
    if (sent := value.get("ipv6Address")) is not None:
        ipv6 = _address(sent, *_IPV6, findings)
    return Device(number, nai, public, private, port, ipv6), frozenset(findings)


def _phone_number(value: object, findings: set[Finding]) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        findings.add(Finding.PHONE_NUMBER_NOT_A_STRING)
        value = str(value)
    if isinstance(value, str):
        if identifiers.is_e164(value):
            return value
        number = identifiers.phone_number(value)
        if number is not None:
            if "+" not in value:
                findings.add(Finding.PHONE_NUMBER_WITHOUT_PLUS)
            if value.removeprefix("+") != number[1:] or number[1] == "0":
                findings.add(Finding.PHONE_NUMBER_NOT_E164)
            return number
    findings.add(Finding.PHONE_NUMBER_MALFORMED)
    return None


def _network_access_identifier(value: object, place: str, findings: set[Finding]) -> str | None:
    # As sent first: normalising takes quadratic time where one mark upon the other follows.
    too_long = isinstance(value, str) and len(value) > _NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT
    nai = None
    if isinstance(value, str) and not too_long:
        nai = identifiers.network_access_identifier(value)
    if too_long or len(nai or "") > _NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT:
        raise NotificationRefused(
            f"longer than {_NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT} characters",
            f"{place}.networkAccessIdentifier",
        )
    if nai is None or not identifiers.is_network_access_identifier(nai):
        findings.add(Finding.NETWORK_ACCESS_IDENTIFIER_MALFORMED)
    return nai


def _ipv4_members(value: object, findings: set[Finding]) -> dict[str, object]:
    if isinstance(value, dict):
        for wrapper in ("DeviceIpv4Addr", "deviceIpv4Addr"):
            wrapped = value.get(wrapper)
            if isinstance(wrapped, dict):
                findings.add(Finding.IPV4_ADDRESS_WRAPPED)
                return wrapped
        return value
    if isinstance(value, str):
        findings.add(Finding.IPV4_ADDRESS_NOT_AN_OBJECT)
        return {"publicAddress": value}
    findings.add(Finding.IPV4_ADDRESS_MALFORMED)
    return {}


def _address(
    value: object,
    parse: Callable[[str], Address | None],
    malformed: Finding,
    findings: set[Finding],
) -> Address | None:
    if value is None:
        return None
    address = parse(value) if isinstance(value, str) else None
    if address is None:
        findings.add(malformed)
    elif identifiers.bare_ip_address(str(value)) != value:
        findings.add(Finding.IP_ADDRESS_DECORATED)
    return address


def _port(value: object, findings: set[Finding]) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and _PORT_DIGITS.fullmatch(value):
        findings.add(Finding.PUBLIC_PORT_NOT_AN_INTEGER)
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        return value
    findings.add(Finding.PUBLIC_PORT_MALFORMED)
    return None
