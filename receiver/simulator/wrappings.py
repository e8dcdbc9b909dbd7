"""How an event is written: CloudEvents in both modes, Nokia's hybrid, the drafts of 2023."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from receiver.simulator.journeys import Members
from receiver.simulator.notification import Notification, Shape

STRUCTURED = {"content-type": "application/cloudevents+json"}
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Saying:
    """One event, before it is written.

    Attributes:
        type: what the CloudEvents `type` or the legacy `eventType` will be.
        occurred_at: aware UTC.
        subject: the member that says whom it is about, `device` or `ueId`; empty for no member.
        said: all other members of the data, but for the subscription's id.
        names_subscription: the data itself holds the subscription's id.
        has_data: there are data at all.
        about: whom it is about, as `Notification.device` says it.
    """

    type: str
    event_id: str
    occurred_at: datetime
    subscription_id: str
    subject: Members
    said: Members
    names_subscription: bool
    has_data: bool
    about: str


Wrap = Callable[[Saying], Notification]


def structured(saying: Saying) -> Notification:
    """A CloudEvent in one JSON object: CAMARA from device-status 0.5.0 on."""
    return _notification(saying, _cloudevent(saying), STRUCTURED, Shape.CLOUDEVENTS)


def binary(saying: Saying) -> Notification:
    """A CloudEvent with its attributes in the headers (HTTP binding 1.0.2, section 3.1)."""
    attributes = dict(_cloudevent(saying))
    data = attributes.pop("data", None)
    content_type = {"content-type": str(attributes.pop("datacontenttype"))}
    # Nothing in them is to be percent-encoded.
    headers = {f"ce-{name}": str(text) for name, text in attributes.items()}
    body = b"" if data is None else _json(data)
    return Notification(body, content_type | headers, saying.about, Shape.BINARY)


def hybrid(saying: Saying) -> Notification:
    """Nokia's CloudEvent that repeats itself as a legacy `event` with a wrong subscription id."""
    detail = {**saying.subject, **saying.said, "subscriptionId": "2001:db8::1"}
    event = {
        "eventType": "DEVICE_STATUS_CHANGED",
        "eventTime": _time(saying, "milliseconds"),
        "eventDetail": detail,
    }
    data = {**saying.subject, "subscriptionId": saying.subscription_id}
    document = {
        **_cloudevent(saying),
        "eventSubscriptionId": saying.subscription_id,
        "event": event,
        "data": data,
    }
    return _notification(saying, document, STRUCTURED, Shape.HYBRID)


def nested(saying: Saying) -> Notification:
    """CAMARA's form of July to November 2023, and Nokia's since."""
    document = {"eventSubscriptionId": saying.subscription_id, "event": _event(saying)}
    return _notification(saying, document, JSON, Shape.LEGACY)


def nested_with_id(saying: Saying) -> Notification:
    """The same with the optional `eventId`."""
    event = {"eventId": saying.event_id, **_event(saying)}
    document = {"eventSubscriptionId": saying.subscription_id, "event": event}
    return _notification(saying, document, JSON, Shape.LEGACY)


def nested_draft(saying: Saying) -> Notification:
    """CAMARA's draft of June 2023, with another name for the subscription's id."""
    document = {"subscriptionId": saying.subscription_id, "event": _event(saying)}
    return _notification(saying, document, JSON, Shape.LEGACY)


def flat(saying: Saying) -> Notification:
    """CAMARA's draft of March 2023, without any object around the event."""
    document = {"subscriptionId": saying.subscription_id, **_event(saying)}
    return _notification(saying, document, JSON, Shape.FLAT)


def _notification(
    saying: Saying, document: Members, headers: Mapping[str, str], shape: Shape
) -> Notification:
    return Notification(_json(document), headers, saying.about, shape)


def _cloudevent(saying: Saying) -> Members:
    api = saying.type.split(".")[2]
    named = {"subscriptionId": saying.subscription_id} if saying.names_subscription else {}
    data = {**named, **saying.subject, **saying.said}
    return {
        "id": saying.event_id,
        "source": f"https://simulator.invalid/{api}/v0/subscriptions/{saying.subscription_id}",
        "type": saying.type,
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": _time(saying, "microseconds"),
        **({"data": data} if saying.has_data else {}),
    }


def _event(saying: Saying) -> Members:
    return {
        "eventType": saying.type,
        "eventTime": _time(saying, "milliseconds"),
        "eventDetail": {**saying.subject, **saying.said},
    }


def _time(saying: Saying, timespec: str) -> str:
    return saying.occurred_at.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
