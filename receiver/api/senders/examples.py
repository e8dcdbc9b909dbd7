"""The example of an answer, shown by the OpenAPI."""

from typing import Any

SENDERS: dict[str, Any] = {
    "asOf": "2026-04-17T09:00:00.000000Z",
    "from": "2026-04-16T09:00:00.000000Z",
    "to": "2026-04-17T09:00:00.000000Z",
    "countedFrom": "2026-04-16T09:00:00.000000Z",
    "isComplete": True,
    "slotSeconds": 3600,
    "senders": [
        {
            "credential": "operator-prod",
            "source": "https://operator.example/device-roaming-status-subscriptions/v0.7",
            "firstHeardAt": "2026-04-16T22:10:09.000120Z",
            "lastHeardAt": "2026-04-17T08:59:12.401177Z",
            "events": 412,
            "duplicates": 3,
            "ahead": 0,
            "lateness": {"p50Seconds": 1.204, "p99Seconds": 48.0, "maxSeconds": 301.5},
            "longestPauseSeconds": 5412.7,
            "slots": [
                {"at": "2026-04-16T22:00:00.000000Z", "events": 40},
                {"at": "2026-04-17T08:00:00.000000Z", "events": 372},
            ],
            "findings": [
                {
                    "finding": "time-without-zone",
                    "events": 57,
                    "latestAt": "2026-04-17T08:41:30.000000Z",
                    "latestEventId": "DPkml35VWaCnHqSHauYEogAGYSCLNt2YAAAAAAAAAAE",
                    "days": [{"day": "2026-04-17", "events": 57}],
                }
            ],
        }
    ],
    "leftOut": 0,
    "credentials": [
        {
            "credential": "operator-prod",
            "lastUsedAt": "2026-04-17T08:59:00.000000Z",
            "refused": [
                {
                    "reason": "time: not an RFC 3339 time",
                    "notifications": 2,
                    "waiting": 2,
                    "latestAt": "2026-04-17T07:33:41.120034Z",
                }
            ],
        },
        {"credential": "operator-test", "refused": []},
    ],
    "waiting": 2,
}
