"""An event as a line: for people, or as JSON."""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

from receiver.client import Device, Ipv4Address, Status, StreamedEvent
from receiver.client.parsing import name_member

# Characters of a word that a sender chose; longer ones would hide the rest of a line.
WORD_LENGTH_MAX = 80


def tell(event: StreamedEvent) -> str:
    """Returns what an event says, for people: when, who, what; without control characters."""
    status = event.status
    words = []
    if status.connectivity is not None:
        words.append(status.connectivity)
    if status.roaming is not None:
        words.append("roams" if status.roaming else "at home")
    if status.country_name or status.country_code is not None:
        words.append(", ".join(status.country_name or ()) or str(status.country_code))
    for word in (
        status.connected_network_type,
        status.initiation_reason,
        status.update_reason,
        status.termination_reason,
    ):
        if word is not None:
            words.append(word)
    if event.late:
        words.append("(late)")
    if event.findings:
        words.append(f"({', '.join(event.findings)})")
    at = event.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = [at, _name_device(event), event.kind, event.name, *words]
    return "  ".join(map(_make_printable, parts))


def write_json(event: StreamedEvent, **further: object) -> str:
    """Returns an event as the stream told it, in one line.

    Args:
        further: members that are added.
    """
    members = {name: _convert(member) for name, member in _list_members(event)}
    if not event.late:
        del members["late"]
    return json.dumps({**members, **further}, ensure_ascii=False, separators=(",", ":"))


def _name_device(event: StreamedEvent) -> str:
    device = event.device
    address = device.ipv4_address.public_address if device.ipv4_address else None
    return (
        device.phone_number
        or device.network_access_identifier
        or address
        or device.ipv6_address
        or str(event.device_id)
    )


def _list_members(
    value: StreamedEvent | Device | Ipv4Address | Status,
) -> Iterator[tuple[str, object]]:
    for field in fields(value):
        member = getattr(value, field.name)
        if member is not None:
            yield name_member(field.name), member


def _convert(value: object) -> object:
    if isinstance(value, Device | Ipv4Address | Status):
        return {name: _convert(member) for name, member in _list_members(value)}
    if isinstance(value, tuple):
        return [_convert(one) for one in value]
    if isinstance(value, datetime):
        written = value.astimezone(UTC).isoformat(timespec="microseconds")
        return written.replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value


def _make_printable(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return shown if len(shown) <= WORD_LENGTH_MAX else f"{shown[:WORD_LENGTH_MAX]}…"
