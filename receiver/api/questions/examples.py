"""Examples of questions and answers, shown by the OpenAPI and the first start."""

from typing import Any

DEVICE_ID = "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa"

PHONE: dict[str, Any] = {"phoneNumber": "+99999991000"}

EVENT: dict[str, Any] = {
    "id": "C28snlikXQ6POSp8RLHZqgAGT6hB3qLYAAAAAAAAAAE",
    "deviceId": DEVICE_ID,
    "kind": "roaming",
    "name": "roaming-change-country",
    "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-change-country",
    "source": "https://operator.example/device-roaming-status-subscriptions/v0.7",
    "eventId": "5f0c2a9e-6d1b-4f0e-9a57-3c1d2b7e8f40",
    "form": "cloudevents",
    "subscriptionId": "sub-4711",
    "credential": "operator-prod",
    "occurredAt": "2026-04-17T07:31:01.416474Z",
    "receivedAt": "2026-04-17T07:31:02.020017Z",
    "deliveries": 1,
    "device": PHONE,
    "status": {"roaming": True, "countryCode": 208, "countryName": ["FR"]},
    "findings": [],
}

DEVICE_SUMMARY: dict[str, Any] = {
    "deviceId": DEVICE_ID,
    "identifiers": [PHONE],
    "firstEvent": EVENT,
    "lastEvent": EVENT,
}

STATUS: dict[str, Any] = {
    "deviceId": DEVICE_ID,
    "asOf": "2026-04-17T09:12:40.201733Z",
    "connectivity": {
        "unknown": True,
        "because": "subscription-ended",
        "at": "2026-04-17T08:00:00.000000Z",
        "last": {
            "value": "CONNECTED_DATA",
            "since": "2026-04-16T22:10:09.000000Z",
            "confirmedAt": "2026-04-17T06:02:00.000000Z",
            "eventId": "C28snlikXQ6POSp8RLHZqgAGT6hB3qLYAAAAAAAAAAA",
        },
    },
    "roaming": {
        "value": True,
        "since": "2026-04-17T07:31:01.416474Z",
        "confirmedAt": "2026-04-17T07:31:01.416474Z",
        "eventId": EVENT["id"],
        "countryCode": 208,
        "countryName": ["FR"],
    },
    "networkType": {"unknown": True, "because": "never-reported"},
    "lastEventAt": "2026-04-17T08:00:00.000000Z",
}

RETRIEVE_DEVICE: dict[str, Any] = {"device": PHONE}

RETRIEVE_EVENTS: dict[str, Any] = {
    "device": PHONE,
    "kind": ["roaming"],
    "occurredFrom": "2026-04-01T00:00:00Z",
    "limit": 100,
}

FLEET: dict[str, Any] = {
    "items": [STATUS],
    "nextCursor": "C28snlikXQ6POSp8RLHZqnJ3bGdLm0Xv",
}
