"""The forms of a notification: CloudEvents in both modes, Nokia's hybrid, the drafts of 2023."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from receiver.simulator.notification import Notification, Shape
from receiver.simulator.stories.journeys import Members

STRUCTURED = {"content-type": "application/cloudevents+json"}
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class SimulatedEvent:
    """One event, before a form is chosen for it.

    Attributes:
        type: the CloudEvents `type` or the legacy `eventType`.
        occurred_at: aware UTC.
        device_member: the member `device` or `ueId` by its name; empty: the event has none.
        members: all other members of the data, without the id of the subscription.
        has_subscription_id: whether the data hold the id of the subscription.
        has_data: whether there are data at all.
        device: the device as in `Notification.device`.
    """

    type: str
    event_id: str
    occurred_at: datetime
    subscription_id: str
    device_member: Members
    members: Members
    has_subscription_id: bool
    has_data: bool
    device: str


Write = Callable[[SimulatedEvent], Notification]


def write_structured(event: SimulatedEvent) -> Notification:
    """Writes a CloudEvent in one JSON object, as CAMARA does from device-status 0.5.0 on."""
    return _compose(event, _compose_cloudevent(event), STRUCTURED, Shape.CLOUDEVENTS)


def write_binary(event: SimulatedEvent) -> Notification:
    """Writes a CloudEvent with its attributes in headers (HTTP binding 1.0.2, section 3.1)."""
    attributes = dict(_compose_cloudevent(event))
    data = attributes.pop("data", None)
    content_type = {"content-type": str(attributes.pop("datacontenttype"))}
    # No value of the simulator has a character that must be percent-encoded.
    headers = {f"ce-{name}": str(text) for name, text in attributes.items()}
    body = b"" if data is None else _encode(data)
    return Notification(body, content_type | headers, event.device, Shape.BINARY)


def write_hybrid(event: SimulatedEvent) -> Notification:
    """Writes Nokia's CloudEvent, repeated as a legacy `event` with a wrong subscription id."""
    detail = {**event.device_member, **event.members, "subscriptionId": "2001:db8::1"}
    legacy = {
        "eventType": "DEVICE_STATUS_CHANGED",
        "eventTime": _format_time(event, "milliseconds"),
        "eventDetail": detail,
    }
    data = {**event.device_member, "subscriptionId": event.subscription_id}
    document = {
        **_compose_cloudevent(event),
        "eventSubscriptionId": event.subscription_id,
        "event": legacy,
        "data": data,
    }
    return _compose(event, document, STRUCTURED, Shape.HYBRID)


def write_legacy(event: SimulatedEvent) -> Notification:
    """Writes the legacy form: CAMARA's of July to November 2023, and Nokia's since."""
    document = {"eventSubscriptionId": event.subscription_id, "event": _compose_legacy_event(event)}
    return _compose(event, document, JSON, Shape.LEGACY)


def write_legacy_with_id(event: SimulatedEvent) -> Notification:
    """Writes the legacy form with the optional `eventId`."""
    legacy = {"eventId": event.event_id, **_compose_legacy_event(event)}
    document = {"eventSubscriptionId": event.subscription_id, "event": legacy}
    return _compose(event, document, JSON, Shape.LEGACY)


def write_legacy_draft(event: SimulatedEvent) -> Notification:
    """Writes CAMARA's draft of June 2023, with another name for the subscription's id."""
    document = {"subscriptionId": event.subscription_id, "event": _compose_legacy_event(event)}
    return _compose(event, document, JSON, Shape.LEGACY)


def write_flat(event: SimulatedEvent) -> Notification:
    """Writes CAMARA's draft of March 2023, without any object around the event."""
    document = {"subscriptionId": event.subscription_id, **_compose_legacy_event(event)}
    return _compose(event, document, JSON, Shape.FLAT)


def _compose(
    event: SimulatedEvent, document: Members, headers: Mapping[str, str], shape: Shape
) -> Notification:
    return Notification(_encode(document), headers, event.device, shape)


def _compose_cloudevent(event: SimulatedEvent) -> Members:
    api = event.type.split(".")[2]
    named = {"subscriptionId": event.subscription_id} if event.has_subscription_id else {}
    data = {**named, **event.device_member, **event.members}
    return {
        "id": event.event_id,
        "source": f"https://simulator.invalid/{api}/v0/subscriptions/{event.subscription_id}",
        "type": event.type,
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": _format_time(event, "microseconds"),
        **({"data": data} if event.has_data else {}),
    }


def _compose_legacy_event(event: SimulatedEvent) -> Members:
    return {
        "eventType": event.type,
        "eventTime": _format_time(event, "milliseconds"),
        "eventDetail": {**event.device_member, **event.members},
    }


def _format_time(event: SimulatedEvent, timespec: str) -> str:
    return event.occurred_at.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def _encode(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
