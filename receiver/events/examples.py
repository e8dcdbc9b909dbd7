"""Example notifications, as the OpenAPI, the first start and the README show them."""

from typing import Any

NOTIFICATION: dict[str, Any] = {
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

LEGACY_NOTIFICATION: dict[str, Any] = {
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
