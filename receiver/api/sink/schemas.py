"""The schemas of what the sink takes; they say what to send, and the sink takes more than that."""

from typing import Any

from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION

Json = dict[str, Any]


def _refer(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _text(description: str, length_max: int | None = None) -> Json:
    limits = {} if length_max is None else {"minLength": 1, "maxLength": length_max}
    return {"type": "string", **limits, "description": description}


def _time(description: str) -> Json:
    return {"type": "string", "format": "date-time", "description": description}


_DEVICE = {
    **_refer("DeviceResource"),
    "description": "Whose status it is; absent from subscriptions with a three-legged token.",
}
_SUBSCRIPTION_ID = _text("The subscription that it is told for.", 256)

# Each has a name, because generators of clients name nothing twice.
SCHEMAS: dict[str, Json] = {
    "CloudEvent": {
        "type": "object",
        "description": "A notification as a CloudEvent 1.0; extension attributes are kept as well.",
        "required": ["id", "source", "type", "specversion"],
        "properties": {
            "id": _text("The sender's, of this event.", 256),
            "source": _text("A URI of the sender, often that of the subscription.", 2048),
            "type": _text("The last segment names the event; an unknown one is kept whole.", 512),
            "specversion": _text("The version of CloudEvents, `1.0`."),
            "time": _time("When it occurred; without it, the arrival counts."),
            "datacontenttype": _text("Of `data`: JSON."),
            "data": {**_refer("CloudEventData"), "description": "What happened."},
        },
        "example": NOTIFICATION,
    },
    "CloudEventData": {
        "type": "object",
        "description": "What happened: beside these, the members of CAMARA's event, such as "
        "`roaming`, `countryCode` or `terminationReason`.",
        "properties": {"device": _DEVICE, "subscriptionId": _SUBSCRIPTION_ID},
    },
    "LegacyNotification": {
        "type": "object",
        "description": "A notification in the form before CloudEvents (Device Status 0.4.1).",
        "required": ["event"],
        "properties": {
            "eventSubscriptionId": _SUBSCRIPTION_ID,
            "event": {**_refer("LegacyEvent"), "description": "What happened, and when."},
        },
        "example": LEGACY_NOTIFICATION,
    },
    "LegacyEvent": {
        "type": "object",
        "description": "What happened, and when.",
        "required": ["eventType", "eventTime"],
        "properties": {
            "eventType": _text("Such as `CONNECTIVITY` or `ROAMING_STATUS`.", 512),
            "eventTime": _time("When it occurred."),
            "eventDetail": {**_refer("LegacyEventDetail"), "description": "What happened."},
        },
    },
    "LegacyEventDetail": {
        "type": "object",
        "description": "Beside the device, the members of the event, such as `deviceStatus`.",
        "properties": {"device": _DEVICE},
    },
    "CloudEventBatch": {
        "type": "array",
        "description": "Several notifications; each is decided by itself.",
        "items": _refer("CloudEvent"),
        "example": [NOTIFICATION],
    },
}
