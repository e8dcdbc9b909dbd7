"""Examples of answers, shown by the OpenAPI."""

from typing import Any

ERASURE: dict[str, Any] = {
    "id": "6f0d1c53-7a35-4f0c-9a51-0d7b8f4f9c11",
    "removed": {
        "devices": 2,
        "events": 118,
        "identities": 118,
        "answers": 9,
        "seeds": 4,
        "counts": 3,
        "registrations": 1,
        "quarantined": 1,
        "spooled": 0,
    },
    "notReached": {
        "otherEvents": 1,
        "otherEventIds": ["C28snlikXQ6POSp8RLHZqgAGT6hB3qLYAAAAAAAAAAE"],
        "isSearchComplete": True,
        "spoolFiles": 0,
        "statistics": [],
        "elsewhere": [
            "backups",
            "write-ahead log, its archives and standbys that are behind",
            "data files, until Postgres uses the room again",
            "exports, and what applications and analysts have read",
            "open streams, for half a minute",
            "logs of proxies",
        ],
    },
}
