"""The parameters of calls, and how they are written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, TypedDict
from urllib.parse import quote
from uuid import UUID

from receiver.client.parsing import name_member

# One word, or several of which each is enough.
Words = str | Sequence[str]
Order = Literal["asc", "desc"]


class Identifiers(TypedDict, total=False):
    """A device by what the network calls it; the first of phone number, network access identifier,
    IPv6 and IPv4 address counts."""

    phone_number: str
    network_access_identifier: str
    ipv4_public_address: str
    ipv4_private_address: str
    ipv4_public_port: int
    ipv6_address: str


class EventFilters(TypedDict, total=False):
    """Which events; *from* is inclusive, *to* exclusive."""

    type: Words
    kind: Words
    name: Words
    source: Words
    credential: Words
    subscription_id: Words
    finding: Words
    occurred_from: datetime | None
    occurred_to: datetime | None
    received_from: datetime | None
    received_to: datetime | None


def write_device(identifiers: Mapping[str, object]) -> dict[str, object]:
    """Returns CAMARA's device object.

    Raises:
        TypeError: a name is that of no identifier.
        ValueError: no identifier is given.
    """
    device: dict[str, object] = {}
    ipv4: dict[str, object] = {}
    for name, value in identifiers.items():
        if name not in Identifiers.__annotations__:
            raise TypeError(f"{name} is no identifier of a device")
        if name.startswith("ipv4_"):
            ipv4[name_member(name.removeprefix("ipv4_"))] = value
        else:
            device[name_member(name)] = value
    if ipv4:
        device["ipv4Address"] = ipv4
    if not device:
        raise ValueError("no identifier of a device is given")
    return device


def write_query(**parameters: object) -> list[tuple[str, str]]:
    """Returns parameters as they stand in a URL; those that are None are left out."""
    return [
        (name_member(name), text)
        for name, value in parameters.items()
        for text in _write(name, value)
    ]


def write_members(**parameters: object) -> dict[str, object]:
    """Returns parameters as they stand in a body; those that are None are left out."""
    members: dict[str, object] = {}
    for name, value in parameters.items():
        if isinstance(value, int | Mapping):
            members[name_member(name)] = value
        elif isinstance(value, str) and name in EventFilters.__annotations__:
            members[name_member(name)] = [value]
        elif isinstance(value, str | datetime | UUID):
            [members[name_member(name)]] = _write(name, value)
        elif value is not None:
            members[name_member(name)] = list(_write(name, value))
    return members


def write_path(template: str, **ids: object) -> str:
    """Returns a path with ids in their places, escaped."""
    return template.format(**{name: quote(str(value), safe="") for name, value in ids.items()})


def write_id(device_id: UUID | str) -> UUID:
    """Returns the id of a device.

    Raises:
        ValueError: it is none, and might be an identifier, which no URL holds.
    """
    try:
        return UUID(str(device_id))
    except ValueError:
        raise ValueError("device_id: not a UUID") from None


def _write(name: str, value: object) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{name}: a time without its zone")
        yield value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    elif isinstance(value, str | int | UUID):
        yield str(value)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _write(name, one)
    else:
        raise ValueError(f"{name}: of an unknown type")
