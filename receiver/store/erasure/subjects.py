"""The subject of an erasure: a device, what stands for it, and what names them."""

from typing import NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from receiver.errors import Unavailable
from receiver.events.devices.identity import identify, identify_reported
from receiver.events.event import Device
from receiver.projection.ledger import Key
from receiver.projection.links import Via, find_own_keys
from receiver.store.derived.behind import LAST_DEVICE, Behind, read_behind
from receiver.store.derived.derivation import DERIVATION
from receiver.store.derived.evidence import read_whole_evidence
from receiver.store.derived.identifiers import compose_reported
from receiver.store.derived.rows import read_rows, write_devices

IS_NEWER = f"SELECT greatest(derivation, rebuilding) > {DERIVATION} FROM projection"  # noqa: S608

REGISTERED = """
SELECT DISTINCT phone_number FROM subscription_registration
WHERE device_id = ANY(%(devices)s::uuid[]) AND phone_number IS NOT NULL
"""

# What only an address identifies has the same one in all its events.
ADDRESSES = """
SELECT ipv4_public_address, ipv4_private_address, ipv4_public_port, ipv6_address FROM event
WHERE device_id = %(device)s LIMIT 1
"""


class Asked(NamedTuple):
    """The device that is to be erased.

    Attributes:
        identifier: by which it was asked for; None: by its id alone.
    """

    device_id: UUID
    identifier: Device | None = None


class Subject(NamedTuple):
    """What is erased together.

    Attributes:
        devices: what stands for the device, and last the device itself, which leads to the rest.
        phone_numbers, network_access_identifiers: of no other device, normalised.
        addresses: those that a device is made of.
        subscriptions: that no other device was reported with.
    """

    devices: tuple[UUID, ...]
    phone_numbers: frozenset[str]
    network_access_identifiers: frozenset[str]
    addresses: frozenset[Device]
    subscriptions: frozenset[Key]

    @property
    def parameters(self) -> dict[str, object]:
        """What statements take."""
        keys = sorted(self.subscriptions)
        return {
            "devices": write_devices(self.devices),
            "credentials": [credential for credential, _ in keys],
            "subscription_ids": [subscription_id for _, subscription_id in keys],
        }


async def find_subject(connection: AsyncConnection, asked: Asked, namespace: UUID) -> Subject:
    """Finds what stands for a device, as far as it stands for nothing else.

    What was never reported alone is in it too: an event may be about to come to light.

    Raises:
        NotDerivedYet: devices are derived for the first time.
        Unavailable: a newer release derived what there is.
    """
    behind = await read_behind(connection, LAST_DEVICE, is_limited=False)
    if any(row[0] for row in await read_rows(connection, IS_NEWER)):
        raise Unavailable("a newer release derived the answers; erase with that one")
    devices = [asked.device_id]
    own: set[tuple[str, str, str]] = set()
    is_complete = False
    while not is_complete:
        evidence = await read_whole_evidence(connection, devices, behind)
        own = find_own_keys(devices, evidence)
        found = {_identify(namespace, key) for key in own}.difference(devices)
        devices = [*sorted(found), *devices]
        is_complete = not found
    identifiers = {value for via, _, value in own if via == Via.IDENTIFIER}
    numbers = await _read_phone_numbers(connection, devices, behind)
    addresses = await _read_addresses(connection, asked.device_id, namespace)
    told = asked.identifier
    if told is not None and UUID(identify_reported(namespace, told)) in devices:
        if told.phone_number is not None:
            numbers.add(told.phone_number)
        elif told.network_access_identifier is not None:
            identifiers.add(told.network_access_identifier)
        else:
            addresses.add(told)
    return Subject(
        tuple(devices),
        frozenset(numbers),
        frozenset(identifiers),
        frozenset(addresses),
        frozenset((credential, value) for via, credential, value in own if via == Via.SUBSCRIPTION),
    )


def _identify(namespace: UUID, key: tuple[str, str, str]) -> UUID:
    """Returns the device of an event that tells nothing else."""
    via, credential, value = key
    if via == Via.IDENTIFIER:
        return UUID(identify_reported(namespace, Device(network_access_identifier=value)))
    return UUID(
        identify(namespace, Device(), credential=credential, subscription_id=value, source=None)
    )


async def _read_phone_numbers(
    connection: AsyncConnection, devices: list[UUID], behind: Behind
) -> set[str]:
    among = write_devices(devices)
    question = compose_reported(behind.conditions)
    # Numbers come first, and a device has no more than one.
    reported = await read_rows(connection, question, devices=among, **behind.bounds)
    registered = await read_rows(connection, REGISTERED, devices=among)
    return {row.value for row in reported if row.kind == "phone-number"} | {
        row.phone_number for row in registered
    }


async def _read_addresses(
    connection: AsyncConnection, device_id: UUID, namespace: UUID
) -> set[Device]:
    candidates: list[Device] = []
    for row in await read_rows(connection, ADDRESSES, device=device_id):
        public, private, port, ipv6 = row
        if ipv6 is not None:
            candidates.append(Device(ipv6_address=ipv6))
        if public is not None:
            candidates.append(
                Device(
                    ipv4_public_address=public, ipv4_private_address=private, ipv4_public_port=port
                )
            )
    return {one for one in candidates if UUID(identify_reported(namespace, one)) == device_id}
