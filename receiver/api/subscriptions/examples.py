"""Examples of questions and answers, shown by the OpenAPI."""

from typing import Any

TYPE = "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status"

REGISTER_SUBSCRIPTION: dict[str, Any] = {
    "credential": "operator-prod",
    "subscription": {
        "id": "sub-4711",
        "protocol": "HTTP",
        "sink": "https://receiver.example/sink",
        "types": [TYPE],
        "config": {"subscriptionDetail": {}, "subscriptionMaxEvents": 100},
        "startsAt": "2026-04-17T07:00:00Z",
        "expiresAt": "2026-05-17T07:00:00Z",
        "status": "ACTIVE",
    },
    "device": {"phoneNumber": "+99999991000"},
}

SUBSCRIPTION: dict[str, Any] = {
    "credential": "operator-prod",
    "subscriptionId": "sub-4711",
    "asOf": "2026-04-24T07:00:00.000000Z",
    "state": "active",
    "deviceIds": ["0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa"],
    "names": ["roaming-status"],
    "firstAt": "2026-04-17T07:31:01.416474Z",
    "registered": {
        "registeredAt": "2026-04-17T07:00:01.204080Z",
        "startsAt": "2026-04-17T07:00:00.000000Z",
        "expiresAt": "2026-05-17T07:00:00.000000Z",
        "maxEvents": 100,
        "types": [TYPE],
        "device": {"phoneNumber": "+99999991000"},
    },
    "events": {"total": 14, "byName": {"roaming-status": 14}, "isComplete": True},
    "lastEventAt": "2026-04-23T18:02:44.000000Z",
    "forecast": {"eventsLeft": 86, "daysLeft": 23.0, "ratePerDay": 2.0},
    "gaps": [],
}
