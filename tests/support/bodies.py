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
LEGACY_TIME = "2023-03-13T09:00:00Z"


def sample(name: str) -> Event:
    """Understands one of our own samples, modelled on the published notifications."""
    return understood((SAMPLES / f"{name}.json").read_bytes())


def cloudevent(name: str, data: object = None, **attributes: object) -> bytes:
    """Returns a CloudEvent of that event name; `attributes` replace or join its own."""
    sent = {
        "specversion": "1.0",
        "id": "1",
        "source": "//operator.invalid",
        "type": f"org.camaraproject.device-status.v0.{name}",
        "time": "2026-03-02T10:00:00Z",
        "data": {"subscriptionId": "sub-1"} if data is None else data,
    }
    return json.dumps(sent | attributes).encode()


def legacy(
    event_type: object, detail: object, top: dict[str, object] | None = None, **members: object
) -> bytes:
    """Returns a legacy event; `members` replace or join those of `event`, `top` those beside it."""
    event = {"eventType": event_type, "eventTime": LEGACY_TIME, "eventDetail": detail}
    beside = {"eventSubscriptionId": "sub-1"} if top is None else top
    return json.dumps({**beside, "event": event | members}).encode()


def flat(event_type: object, detail: object, **members: object) -> bytes:
    """Returns a flat event of the first drafts; `members` replace or join its own."""
    event = {"eventType": event_type, "eventTime": LEGACY_TIME, "eventDetail": detail}
    return json.dumps({"subscriptionId": "sub-1"} | event | members).encode()


def understood(body: bytes) -> Event:
    return understand(read_structured(body), ARRIVAL)


def refused(body: bytes) -> str:
    """Returns the refusal of a notification."""
    with pytest.raises(NotificationRefused) as raised:
        understood(body)
    return str(raised.value)


def event(name: str, data: object = None, **attributes: object) -> Event:
    """Understands a CloudEvent of that event name."""
    return understood(cloudevent(name, data, **attributes))


def legacy_event(
    event_type: object, detail: object, top: dict[str, object] | None = None, **members: object
) -> Event:
    """Understands such a legacy event."""
    return understood(legacy(event_type, detail, top, **members))


def refusal(name: str, data: object = None, **attributes: object) -> str:
    """Returns the refusal of such a CloudEvent."""
    return refused(cloudevent(name, data, **attributes))
