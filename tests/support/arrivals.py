"""Arrivals as the door would make them, for the tests of the floors behind it."""

import hashlib
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID, uuid4, uuid5

from receiver.events.event import Arrival, Device, Event, Form, Kind, Status

NAMESPACE = UUID("7d4a6b1c-90f2-4c3e-8a75-0d2f1e6b9c48")
MORNING = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PHONE_NUMBER = "+99999991000"


def arrival(number: int = 1, *, phone_number: str = PHONE_NUMBER, **changed: Any) -> Arrival:
    """The delivery of a roaming event; the same number is the same event, each time arriving anew.

    Args:
        changed: fields of the event that differ.
    """
    fields: dict[str, Any] = {
        "kind": Kind.ROAMING,
        "name": "roaming-status",
        "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status",
        "form": Form.CLOUDEVENTS,
        "source": "https://operator.example/subscriptions/s-1",
        "event_id": f"event-{number}",
        "subscription_id": "s-1",
        "occurred_at": MORNING + timedelta(seconds=number),
        "device": Device(
            phone_number=phone_number,
            network_access_identifier="device@operator.example",
            ipv4_public_address=IPv4Address("203.0.113.7"),
            ipv4_private_address=IPv4Address("192.0.2.25"),
            ipv4_public_port=4711,
            ipv6_address=IPv6Address("2001:db8::1"),
        ),
        "status": Status(roaming=True, country_code=208, country_name=("FR", 'a "b" \\ c, d')),
        "findings": ("time-without-zone",),
        "digest": hashlib.blake2b(str(number).encode(), digest_size=16).digest(),
        "payload": f'{{"id": "event-{number}" }}',
    }
    return Arrival(
        arrival_id=uuid4().hex,
        device_id=uuid5(NAMESPACE, phone_number).hex,
        credential="operator",
        received_at=MORNING + timedelta(hours=1, seconds=number),
        event=Event(**{**fields, **changed}),
    )
