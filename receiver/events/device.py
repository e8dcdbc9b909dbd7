"""The device of an event: its identifiers as reported, and the one id they all come down to."""

import re
from collections.abc import Callable
from hashlib import sha1
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar
from uuid import UUID

import orjson

from receiver.errors import NotificationRefused
from receiver.events import identifiers
from receiver.events.event import Device
from receiver.events.findings import Finding

Address = TypeVar("Address", IPv4Address, IPv6Address)

_NETWORK_ACCESS_IDENTIFIER_LENGTH_LIMIT = 2048
_PORT_DIGITS = re.compile(r"[0-9]{1,5}")
_IPV4 = (identifiers.ipv4_address, Finding.IPV4_ADDRESS_MALFORMED)
_IPV6 = (identifiers.ipv6_address, Finding.IPV6_ADDRESS_MALFORMED)
_NOBODY = Device()
_NOTHING: frozenset[Finding] = frozenset()

# RFC 9562, section 4.1: of a digit its lower two bits, under a leading 10.
_VARIANT = dict(zip("0123456789abcdef", 4 * "89ab", strict=True))


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


def identify(
    namespace: UUID,
    device: Device,
    *,
    credential: str,
    subscription_id: str | None,
    source: str | None,
) -> str:
    """Give the id of the device: a pure function of what was sent and who sent it.

    It is the UUIDv5, in the installation's namespace, of a compact JSON array: what is strongest,
    then its value. In this order:

    1. `["phoneNumber","+99999991000"]`
    2. `["networkAccessIdentifier","user@realm"]`, a well-formed one only
    3. `["subscription",credential,subscriptionId]`
    4. `["ipv6Address",32 hexadecimal digits]`
    5. `["ipv4Address",publicAddress,privateAddress or null,publicPort or null]`, not both null
    6. `["source",source]`
    7. `["credential",credential]`

    Stored events are found by it: neither the order nor the encoding may ever change.

    Args:
        namespace: secret, so that ids cannot be guessed from phone numbers.
        credential: the name of the credential that sent the event.

    Returns:
        32 hexadecimal digits.
    """
    encoded = orjson.dumps(_strongest(device, credential, subscription_id, source))
    # What `uuid5` does, in a third of its time: version and variant are the digits 12 and 16.
    digits = sha1(namespace.bytes + encoded, usedforsecurity=False).hexdigest()
    return f"{digits[:12]}5{digits[13:16]}{_VARIANT[digits[16]]}{digits[17:32]}"


def _strongest(
    device: Device, credential: str, subscription_id: str | None, source: str | None
) -> tuple[str | int | None, ...]:
    if device.phone_number is not None:
        return "phoneNumber", device.phone_number
    nai = device.network_access_identifier
    if nai is not None and identifiers.is_network_access_identifier(nai):
        return "networkAccessIdentifier", nai
    if subscription_id is not None:
        return "subscription", credential, subscription_id
    if device.ipv6_address is not None:
        # Not its text: Python 3.13 began to write IPv4-mapped addresses differently.
        return "ipv6Address", device.ipv6_address.packed.hex()
    public, private = device.ipv4_public_address, device.ipv4_private_address
    port = device.ipv4_public_port
    if public is not None and not (private is None and port is None):
        return "ipv4Address", str(public), None if private is None else str(private), port
    if source is not None:
        return "source", source
    return "credential", credential


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
