"""Notifications as they arrive, and what the parser makes of them."""

import json
from datetime import UTC, datetime

import pytest

from receiver.errors import NotificationRefused
from receiver.events.event import Event
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand
from tests.support.paths import SAMPLES

ARRIVAL = datetime(2026, 3, 4, tzinfo=UTC)


def sample(name: str) -> Event:
    """One of our own samples, modelled on the published notifications."""
    return understood((SAMPLES / f"{name}.json").read_bytes())


def cloudevent(name: str, data: object = None, **attributes: object) -> bytes:
    """A CloudEvent of that event name; `attributes` replace or join its own."""
    sent = {
        "specversion": "1.0",
        "id": "1",
        "source": "//operator.invalid",
        "type": f"org.camaraproject.device-status.v0.{name}",
        "time": "2026-03-02T10:00:00Z",
        "data": {"subscriptionId": "sub-1"} if data is None else data,
    }
    return json.dumps(sent | attributes).encode()


def understood(body: bytes) -> Event:
    return understand(read_structured(body), ARRIVAL)


def event(name: str, data: object = None, **attributes: object) -> Event:
    """What a CloudEvent of that event name says."""
    return understood(cloudevent(name, data, **attributes))


def refusal(name: str, data: object = None, **attributes: object) -> str:
    """What the sender of such a CloudEvent is told."""
    with pytest.raises(NotificationRefused) as refused:
        event(name, data, **attributes)
    return str(refused.value)
