"""The id of a device, derived from what one event reports and from its sender alone."""

from hashlib import sha1
from uuid import UUID

import orjson

from receiver.events.devices import identifiers
from receiver.events.event import Device

# RFC 9562, section 4.1: the two highest bits of a digit become 10, its two lowest stay.
_VARIANT = dict(zip("0123456789abcdef", 4 * "89ab", strict=True))


def identify(
    namespace: UUID,
    device: Device,
    *,
    credential: str,
    subscription_id: str | None,
    source: str | None,
) -> str:
    """Returns the id of the device of an event.

    The id is the UUIDv5, in the namespace of the installation, of a compact JSON array: the
    strongest of what the event tells, and its value. In this order:

    1. `["phoneNumber","+99999991000"]`
    2. `["networkAccessIdentifier","user@realm"]`, a well-formed one only
    3. `["subscription",credential,subscriptionId]`
    4. `["ipv6Address",32 hexadecimal digits]`
    5. `["ipv4Address",publicAddress,privateAddress or null,publicPort or null]`, not both null
    6. `["source",source]`
    7. `["credential",credential]`

    Stored events are found by their ids: the order and the encoding may never change.

    Args:
        namespace: secret, so that ids cannot be guessed from phone numbers.
        credential: the name of the credential that sent the event.

    Returns:
        32 hexadecimal digits.
    """
    encoded = orjson.dumps(_strongest(device, credential, subscription_id, source))
    # As `uuid5`, in a third of its time: version and variant are the digits 12 and 16.
    digits = sha1(namespace.bytes + encoded, usedforsecurity=False).hexdigest()
    return f"{digits[:12]}5{digits[13:16]}{_VARIANT[digits[16]]}{digits[17:32]}"


def identify_reported(namespace: UUID, device: Device) -> str:
    """Returns the id of a device of which only identifiers are known, as a question names them.

    Returns:
        32 hexadecimal digits, as `identify`.
    """
    return identify(namespace, device, credential="", subscription_id=None, source=None)


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
        # Not as text: Python 3.13 began to write IPv4-mapped addresses in another way.
        return "ipv6Address", device.ipv6_address.packed.hex()
    public, private = device.ipv4_public_address, device.ipv4_private_address
    port = device.ipv4_public_port
    if public is not None and not (private is None and port is None):
        return "ipv4Address", str(public), None if private is None else str(private), port
    if source is not None:
        return "source", source
    return "credential", credential
