"""The schemas of what the sink takes; they say what to send, and the sink takes more than that."""

from typing import Any

from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION

_DEVICE = {
    "$ref": "#/components/schemas/DeviceResource",
    "description": "Whose status it is; absent from subscriptions with a three-legged token.",
}
_TIME = {"type": "string", "format": "date-time"}

CLOUD_EVENT: dict[str, Any] = {
    "type": "object",
    "description": "A notification as a CloudEvent 1.0; extension attributes are kept as well.",
    "required": ["id", "source", "type", "specversion"],
    "properties": {
        "id": {
            "type": "string",
            "minLength": 1,
            "maxLength": 256,
            "description": "The sender's, of this event.",
        },
        "source": {
            "type": "string",
            "minLength": 1,
            "maxLength": 2048,
            "description": "A URI of the sender, often that of the subscription.",
        },
        "type": {
            "type": "string",
            "minLength": 1,
            "maxLength": 512,
            "description": "The last segment names the event; an unknown one is kept whole.",
        },
        "specversion": {"type": "string", "description": "The version of CloudEvents, `1.0`."},
        "time": {**_TIME, "description": "When it occurred; without it, the arrival counts."},
        "datacontenttype": {"type": "string", "description": "Of `data`: JSON."},
        "data": {
            "type": "object",
            "description": "What happened: beside these, the members of CAMARA's event, such as "
            "`roaming`, `countryCode` or `terminationReason`.",
            "properties": {
                "device": _DEVICE,
                "subscriptionId": {
                    "type": "string",
                    "maxLength": 256,
                    "description": "The subscription that it is told for.",
                },
            },
        },
    },
    "example": NOTIFICATION,
}

LEGACY: dict[str, Any] = {
    "type": "object",
    "description": "A notification in the form before CloudEvents (Device Status 0.4.1).",
    "required": ["event"],
    "properties": {
        "eventSubscriptionId": {
            "type": "string",
            "maxLength": 256,
            "description": "The subscription that it is told for.",
        },
        "event": {
            "type": "object",
            "description": "What happened, and when.",
            "required": ["eventType", "eventTime"],
            "properties": {
                "eventType": {
                    "type": "string",
                    "maxLength": 512,
                    "description": "Such as `CONNECTIVITY` or `ROAMING_STATUS`.",
                },
                "eventTime": {**_TIME, "description": "When it occurred."},
                "eventDetail": {
                    "type": "object",
                    "description": "Beside the device, the members of the event, such as "
                    "`deviceStatus`.",
                    "properties": {"device": _DEVICE},
                },
            },
        },
    },
    "example": LEGACY_NOTIFICATION,
}

BATCH: dict[str, Any] = {
    "type": "array",
    "description": "Several notifications; each is decided by itself.",
    "items": {"$ref": "#/components/schemas/CloudEvent"},
    "example": [NOTIFICATION],
}

# Named, because generators of clients name nothing twice.
SCHEMAS: dict[str, Any] = {
    "CloudEvent": CLOUD_EVENT,
    "LegacyNotification": LEGACY,
    "CloudEventBatch": BATCH,
}
