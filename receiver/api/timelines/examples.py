"""Examples of what was when, shown by the OpenAPI."""

from typing import Any

_PAGE: dict[str, Any] = {
    "deviceId": "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa",
    "asOf": "2026-04-17T09:12:40.201733Z",
    "from": "2026-04-16T00:00:00.000000Z",
}

INTERVALS: dict[str, Any] = _PAGE | {
    "axis": "connectivity",
    "items": [
        {
            "unknown": True,
            "because": "subscription-ended",
            "from": "2026-04-17T08:00:00.000000Z",
            "seconds": 4360.201733,
        },
        {
            "value": "CONNECTED_DATA",
            "from": "2026-04-16T00:00:00.000000Z",
            "to": "2026-04-17T08:00:00.000000Z",
            "seconds": 115200.0,
            "beganEarlier": True,
        },
    ],
}

SESSIONS: dict[str, Any] = _PAGE | {
    "items": [
        {
            "from": "2026-04-16T21:40:00.000000Z",
            "to": "2026-04-17T08:00:00.000000Z",
            "seconds": 37200.0,
            "because": "subscription-ended",
            "countries": [
                {
                    "from": "2026-04-16T21:40:00.000000Z",
                    "to": "2026-04-17T07:31:01.416474Z",
                    "countryCode": 262,
                    "countryName": ["DE"],
                },
                {
                    "from": "2026-04-17T07:31:01.416474Z",
                    "to": "2026-04-17T08:00:00.000000Z",
                    "countryCode": 208,
                    "countryName": ["FR"],
                },
            ],
        }
    ],
}

_FIRST_DAY: dict[str, Any] = {
    "availableSeconds": 82800.0,
    "unavailableSeconds": 3600.0,
    "unknownSeconds": 0.0,
    "seconds": {"CONNECTED_DATA": 82800.0, "NOT_CONNECTED": 3600.0},
}

AVAILABILITY: dict[str, Any] = _PAGE | {
    "to": "2026-04-17T00:00:00.000000Z",
    "total": _FIRST_DAY,
    "days": [{"day": "2026-04-16", **_FIRST_DAY}],
}
