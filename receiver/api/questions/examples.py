"""Examples of questions and answers, shown by the OpenAPI and the first start."""

from typing import Any

DEVICE_ID = "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa"

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
    "device": {"phoneNumber": "+99999991000"},
    "status": {"roaming": True, "countryCode": 208, "countryName": ["FR"]},
    "findings": [],
}

RETRIEVE_DEVICE: dict[str, Any] = {"device": {"phoneNumber": "+99999991000"}}

RETRIEVE_EVENTS: dict[str, Any] = {
    "device": {"phoneNumber": "+99999991000"},
    "kind": ["roaming"],
    "occurredFrom": "2026-04-01T00:00:00Z",
    "limit": 100,
}
