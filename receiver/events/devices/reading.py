"""The identifiers of a device, read in every notation that senders use."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from receiver.errors import NotificationRefused
from receiver.events.devices import identifiers
from receiver.events.event import Device
from receiver.events.findings import Finding

_Address = TypeVar("_Address", IPv4Address, IPv6Address)

# Characters: NetworkAccessIdentifier in CAMARA_common.yaml, Commonalities r4.2.
_NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT = 2048
_PORT_DIGITS = re.compile(r"[0-9]{1,5}")
_IPV4 = (identifiers.parse_ipv4_address, Finding.IPV4_ADDRESS_MALFORMED)
_IPV6 = (identifiers.parse_ipv6_address, Finding.IPV6_ADDRESS_MALFORMED)
_UNREPORTED = Device()
_NO_FINDINGS: frozenset[Finding] = frozenset()


def read_device(value: object, place: str = "device") -> tuple[Device, frozenset[Finding]]:
    """Reads CAMARA's `Device` object, as any release and Nokia write it.

    An identifier that makes no sense is left out with a finding: the rest of the event counts.

    Args:
        value: the object as sent, or None.
        place: the member that holds it.

    Raises:
        NotificationRefused: the value is not an object, or holds an over-long identifier.
    """
    if value is None:
        return _UNREPORTED, _NO_FINDINGS
    if not isinstance(value, dict):
        raise NotificationRefused("must be an object", place)
    findings: set[Finding] = set()
    number = nai = public = private = port = ipv6 = None
    # Most senders report one or two of them, so that each is asked for before it is read.
    if (sent := value.get("phoneNumber")) is not None:
        number = _read_phone_number(sent, findings)
    if (sent := value.get("networkAccessIdentifier")) is not None:
        nai = _read_network_access_identifier(sent, place, findings)
    if (sent := value.get("ipv4Address")) is not None:
        ipv4 = _unwrap_ipv4(sent, findings)
        public = _read_address(ipv4.get("publicAddress"), *_IPV4, findings)
        private = _read_address(ipv4.get("privateAddress"), *_IPV4, findings)
        port = _read_port(ipv4.get("publicPort"), findings)
    if (sent := value.get("ipv6Address")) is not None:
        ipv6 = _read_address(sent, *_IPV6, findings)
    return Device(number, nai, public, private, port, ipv6), frozenset(findings)


def _read_phone_number(value: object, findings: set[Finding]) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        findings.add(Finding.PHONE_NUMBER_NOT_A_STRING)
        value = str(value)
    if isinstance(value, str):
        if identifiers.is_e164(value):
            return value
        number = identifiers.normalise_phone_number(value)
        if number is not None:
            if "+" not in value:
                findings.add(Finding.PHONE_NUMBER_WITHOUT_PLUS)
            if value.removeprefix("+") != number[1:] or number[1] == "0":
                findings.add(Finding.PHONE_NUMBER_NOT_E164)
            return number
    findings.add(Finding.PHONE_NUMBER_MALFORMED)
    return None


def _read_network_access_identifier(
    value: object, place: str, findings: set[Finding]
) -> str | None:
    # The length counts as sent first: to normalise a row of combining marks takes quadratic time.
    too_long = isinstance(value, str) and len(value) > _NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT
    nai = None
    if isinstance(value, str) and not too_long:
        nai = identifiers.normalise_network_access_identifier(value)
    if too_long or len(nai or "") > _NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT:
        raise NotificationRefused(
            f"longer than {_NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT} characters",
            f"{place}.networkAccessIdentifier",
        )
    if nai is None or not identifiers.is_network_access_identifier(nai):
        findings.add(Finding.NETWORK_ACCESS_IDENTIFIER_MALFORMED)
    return nai


def _unwrap_ipv4(value: object, findings: set[Finding]) -> dict[str, object]:
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


def _read_address(
    value: object,
    parse: Callable[[str], _Address | None],
    malformed: Finding,
    findings: set[Finding],
) -> _Address | None:
    if value is None:
        return None
    address = parse(value) if isinstance(value, str) else None
    if address is None:
        findings.add(malformed)
    elif identifiers.strip_ip_address(str(value)) != value:
        findings.add(Finding.IP_ADDRESS_DECORATED)
    return address


def _read_port(value: object, findings: set[Finding]) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and _PORT_DIGITS.fullmatch(value):
        findings.add(Finding.PUBLIC_PORT_NOT_AN_INTEGER)
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        return value
    findings.add(Finding.PUBLIC_PORT_MALFORMED)
    return None
