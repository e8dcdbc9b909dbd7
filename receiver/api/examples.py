"""The notifications and answers that the OpenAPI, the first-start message and the README show."""

from pydantic import JsonValue

NOTIFICATION: dict[str, JsonValue] = {
    "id": "5f0c2a9e-6d1b-4f0e-9a57-3c1d2b7e8f40",
    "source": "https://operator.example/device-roaming-status-subscriptions/v0.7",
    "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-change-country",
    "specversion": "1.0",
    "datacontenttype": "application/json",
    "time": "2026-04-17T07:31:01.416474Z",
    "data": {
        "device": {"phoneNumber": "+99999991000"},
        "subscriptionId": "sub-4711",
        "countryCode": 208,
        "countryName": ["FR"],
    },
}

LEGACY_NOTIFICATION: dict[str, JsonValue] = {
    "eventSubscriptionId": "sub-4712",
    "event": {
        "eventType": "CONNECTIVITY",
        "eventTime": "2026-04-17T07:32:10Z",
        "eventDetail": {
            "device": {"phoneNumber": "+99999991000"},
            "deviceStatus": "REACHABLE",
        },
    },
}

DEVICE_ID = "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa"

EVENT: dict[str, JsonValue] = {
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

RETRIEVE_DEVICE: dict[str, JsonValue] = {"device": {"phoneNumber": "+99999991000"}}

RETRIEVE_EVENTS: dict[str, JsonValue] = {
    "device": {"phoneNumber": "+99999991000"},
    "kind": ["roaming"],
    "occurredFrom": "2026-04-01T00:00:00Z",
    "limit": 100,
}

QUARANTINED: dict[str, JsonValue] = {
    "id": "AAAAAAAAAAE",
    "receivedAt": "2026-04-17T07:33:41.120034Z",
    "credential": "operator-prod",
    "reason": "data.roaming: must be a boolean",
    "mediaType": "application/cloudevents+json",
    "sizeBytes": 14,
    "state": "refused",
}

QUARANTINED_BODY: dict[str, JsonValue] = {
    "headers": {"content-type": "application/cloudevents+json", "content-length": "14"},
    "bodyEncoding": "utf-8",
    "body": '{"roaming": 2}',
}

REPROCESSED: dict[str, JsonValue] = {
    "id": "AAAAAAAAAAE",
    "state": "stored",
    "reprocessedAt": "2026-04-18T09:00:12.004711Z",
}
