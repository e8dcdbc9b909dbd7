"""What the OpenAPI says before its calls: the service, where it is, and the order of its tags."""

from typing import Any

DESCRIPTION = """
Receives the notifications that mobile operators push about devices (CAMARA Device Status), keeps
each durably, and answers what happened to a device and when.

Every answer is JSON in lowerCamelCase. A member that is not known is left out and never null. Times
are RFC 3339 in UTC. Every error is an `ErrorInfo`. An enumeration that is marked
`x-extensible-enum` lists the values that are known today, and is open to others.
"""

# In the order in which a page shows them.
TAGS = {
    "notifications": "The sink: where operators and aggregators push what they notify.",
    "events": "The event history, of one device or of all.",
    "devices": "Devices, and the identifiers that they were reported with.",
    "status": "What is true of a device now.",
    "retrieve": "The calls of CAMARA, Vonage, Orange and Nokia, answered from what was pushed.",
    "timelines": "What was true of a device when, and for how long.",
    "subscriptions": "The subscriptions that the notifications came from.",
    "senders": "Who sends, how much, how late, and what they get wrong.",
    "erasure": "Devices that are to be forgotten.",
    "quarantine": "Refused notifications, kept as they arrived.",
    "operations": "Health and metrics, for whoever runs the service.",
}

PREAMBLE: dict[str, Any] = {
    "title": "Device Status Receiver",
    "description": DESCRIPTION,
    "contact": {"name": "The operator of this installation"},
    "license_info": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    # Relative to the document, so that a proxy may serve the service below a path of its own.
    "servers": [{"url": ".", "description": "The service that this document comes from."}],
    "openapi_tags": [
        {"name": name, "description": description} for name, description in TAGS.items()
    ],
}
