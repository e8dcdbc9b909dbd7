"""Arrivals whose device is the one that their identifiers make, as at the door."""

from typing import Any
from uuid import UUID

from receiver.events.devices.identity import identify
from receiver.events.event import Arrival
from tests.support.arrivals import arrival


def identified(namespace: UUID, number: int, **changed: Any) -> Arrival:
    """Returns the delivery of an event; `changed` are as of `arrival`."""
    made = arrival(number, **changed)
    event = made.event
    device_id = identify(
        namespace,
        event.device,
        credential=made.credential,
        subscription_id=event.subscription_id,
        source=event.source,
    )
    return made._replace(device_id=device_id)
