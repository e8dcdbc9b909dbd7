"""The records of the spool: arrivals and refused bodies, as JSON, read back as they were."""

import base64
from collections.abc import Mapping
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import orjson

from receiver.errors import ContentRejected
from receiver.events.event import Arrival, Device, Event, Form, Kind, Status
from receiver.store.quarantine.rows import NewRow

Record = Arrival | NewRow

_ADDRESSES = {
    "ipv4_public_address": IPv4Address,
    "ipv4_private_address": IPv4Address,
    "ipv6_address": IPv6Address,
}


def write_record(record: Record) -> bytes:
    """Returns a record as JSON; members without a value are left out.

    Raises:
        ContentRejected: a text or a number of it cannot be written, nor could it be stored.
    """
    document = _write_arrival(record) if isinstance(record, Arrival) else _write_row(record)
    try:
        return orjson.dumps(document, default=str)
    except (orjson.JSONEncodeError, ValueError):
        raise ContentRejected("a text Postgres cannot hold") from None


def read_record(content: bytes | memoryview) -> Record:
    """Returns the record that was written."""
    document = orjson.loads(content)
    if "event" in document:
        return _read_arrival(document)
    return _read_row(document)


def _write_arrival(arrival: Arrival) -> dict[str, object]:
    event = arrival.event
    return {
        **arrival._asdict(),
        "event": {
            **_present(event._asdict()),
            "digest": event.digest.hex(),
            "device": _present(event.device._asdict()),
            "status": _present(event.status._asdict()),
        },
    }


def _read_arrival(document: dict[str, Any]) -> Arrival:
    event = document["event"]
    device, status = event["device"], event["status"]
    for name, address in _ADDRESSES.items():
        if name in device:
            device[name] = address(device[name])
    if "country_name" in status:
        status["country_name"] = tuple(status["country_name"])
    return Arrival(
        **{
            **document,
            "received_at": datetime.fromisoformat(document["received_at"]),
            "event": Event(
                **{
                    **dict.fromkeys(("source", "event_id", "subscription_id")),
                    **event,
                    "kind": Kind(event["kind"]),
                    "form": Form(event["form"]),
                    "occurred_at": datetime.fromisoformat(event["occurred_at"]),
                    "device": Device(**device),
                    "status": Status(**status),
                    "findings": tuple(event["findings"]),
                    "digest": bytes.fromhex(event["digest"]),
                }
            ),
        }
    )


def _write_row(row: NewRow) -> dict[str, object]:
    return {
        "received_at": row.received_at,
        "credential": row.credential,
        "reason": row.reason,
        "media_type": row.media_type,
        "headers": dict(row.headers),
        "body": base64.b64encode(row.body).decode(),
        "is_member": row.is_member,
        "arrival_id": row.arrival_id,
    }


def _read_row(document: dict[str, Any]) -> NewRow:
    return NewRow(
        **{
            **document,
            "received_at": datetime.fromisoformat(document["received_at"]),
            "body": base64.b64decode(document["body"]),
        }
    )


def _present(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}
