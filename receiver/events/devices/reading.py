"""The identifiers of a device, read in every notation that senders use."""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from receiver.events.devices import identifiers
from receiver.events.event import Device
from receiver.events.findings import Finding
from receiver.events.numbers import read_whole_number

_Address = TypeVar("_Address", IPv4Address, IPv6Address)

# Characters: NetworkAccessIdentifier in CAMARA_common.yaml, Commonalities r4.2.
_NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT = 2048
_WIDE_PLUS = "\N{FULLWIDTH PLUS SIGN}"
_PORT_DIGITS = re.compile(r"[0-9]{1,5}")
_IPV4 = (identifiers.parse_ipv4_address, Finding.IPV4_ADDRESS_MALFORMED)
_IPV6 = (identifiers.parse_ipv6_address, Finding.IPV6_ADDRESS_MALFORMED)
_MEMBERS = ("phoneNumber", "networkAccessIdentifier", "ipv4Address", "ipv6Address")
# Letters of other names: those of the drafts of 2023, and other spellings of CAMARA's own.
_OTHER_NAMES = {name.lower(): name for name in _MEMBERS} | {
    "msisdn": "phoneNumber",
    "externalid": "networkAccessIdentifier",
    "ipv4addr": "ipv4Address",
    "ipv6addr": "ipv6Address",
}
_NOT_IN_A_NAME = re.compile(r"[\s_-]+")

_UNREPORTED = Device()
_NOTHING: Mapping[str, object] = {}


def find_own_name(name: str) -> str | None:
    """Returns CAMARA's name of an identifier that another name stands for; its own included."""
    return _OTHER_NAMES.get(_NOT_IN_A_NAME.sub("", name).lower())


def read_device(value: object, findings: set[Finding]) -> tuple[Device, Mapping[str, object]]:
    """Reads CAMARA's `Device` object, as any release and Nokia write it.

    What makes no sense is left out with a finding: the rest of the event counts.

    Args:
        value: the object as sent, or None.
        findings: the set to which is added what is forgiven.

    Returns:
        The device, and the members of the object that are no identifiers, null ones left out.
    """
    if value is None:
        return _UNREPORTED, _NOTHING
    if not isinstance(value, dict):
        findings.add(Finding.DEVICE_NOT_AN_OBJECT)
        return _UNREPORTED, _NOTHING
    number = nai = public = private = port = ipv6 = None
    known = 0
    # Most senders report one or two of them, so that each is asked for before it is read.
    if (sent := value.get("phoneNumber")) is not None:
        known += 1
        number = _read_phone_number(sent, findings)
    if (sent := value.get("networkAccessIdentifier")) is not None:
        known += 1
        nai = _read_network_access_identifier(sent, findings)
    if (sent := value.get("ipv4Address")) is not None:
        known += 1
        public, private, port = _read_ipv4(sent, findings)
    if (sent := value.get("ipv6Address")) is not None:
        known += 1
        ipv6 = _read_address(sent, *_IPV6, findings)
    if known < len(value) or not known:
        return _read_other_names(value, findings)
    return Device(number, nai, public, private, port, ipv6), _NOTHING


def _read_other_names(
    value: dict[str, object], findings: set[Finding]
) -> tuple[Device, Mapping[str, object]]:
    """Reads a device that has other members too, or none."""
    named = {name: value[name] for name in _MEMBERS if value.get(name) is not None}
    others = {}
    for name, sent in value.items():
        if sent is None or name in _MEMBERS:
            continue
        own_name = find_own_name(name)
        if own_name is None:
            others[name] = sent
        else:
            findings.add(Finding.DEVICE_UNDER_ANOTHER_NAME)
            named.setdefault(own_name, sent)
    if not named:
        findings.add(Finding.DEVICE_WITHOUT_IDENTIFIER)
        return _UNREPORTED, others
    device, _ = read_device(named, findings)
    return device, others


def _read_phone_number(value: object, findings: set[Finding]) -> str | None:
    if not isinstance(value, str):
        digits = read_whole_number(value)
        if digits is not None and digits > 0:
            findings.add(Finding.PHONE_NUMBER_NOT_A_STRING)
            value = str(digits)
    if isinstance(value, str):
        if identifiers.is_e164(value):
            return value
        number = identifiers.normalise_phone_number(value)
        if number is not None:
            if "+" not in value and _WIDE_PLUS not in value:
                findings.add(Finding.PHONE_NUMBER_WITHOUT_PLUS)
            if value.removeprefix("+") != number[1:]:
                findings.add(Finding.PHONE_NUMBER_NOT_E164)
            return number
    findings.add(Finding.PHONE_NUMBER_MALFORMED)
    return None


def _read_network_access_identifier(value: object, findings: set[Finding]) -> str | None:
    nai = None
    # The length counts as sent first: to normalise a row of combining marks takes quadratic time.
    if isinstance(value, str) and len(value) <= _NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT:
        nai = identifiers.normalise_network_access_identifier(value)
        if nai is not None and len(nai) > _NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT:
            nai = None
    if nai is None or not identifiers.is_network_access_identifier(nai):
        findings.add(Finding.NETWORK_ACCESS_IDENTIFIER_MALFORMED)
    return nai


def _read_ipv4(
    value: object, findings: set[Finding]
) -> tuple[IPv4Address | None, IPv4Address | None, int | None]:
    ipv4 = _unwrap_ipv4(value, findings)
    public, private, port = map(ipv4.get, ("publicAddress", "privateAddress", "publicPort"))
    if public is None and private is None and port is None:
        findings.add(Finding.IPV4_ADDRESS_MALFORMED)
        return None, None, None
    if isinstance(public, str) and ":" in public:
        public, written = identifiers.split_port(public)
        if written is not None:
            findings.add(Finding.IP_ADDRESS_DECORATED)
            port = written if port is None else port
    return (
        _read_address(public, *_IPV4, findings),
        _read_address(private, *_IPV4, findings),
        _read_port(port, findings),
    )


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
    elif identifiers.strip_ip_address(str(value)) != value or (
        address.version == 4 and ":" in str(value)
    ):
        findings.add(Finding.IP_ADDRESS_DECORATED)
    return address


def _read_port(value: object, findings: set[Finding]) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and _PORT_DIGITS.fullmatch(value):
        findings.add(Finding.PUBLIC_PORT_NOT_AN_INTEGER)
        value = int(value)
    port = read_whole_number(value)
    if port is not None and 1 <= port <= 65535:
        return port
    findings.add(Finding.PUBLIC_PORT_MALFORMED)
    return None
