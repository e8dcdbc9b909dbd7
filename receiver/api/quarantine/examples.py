"""Examples of the answers, shown by the OpenAPI."""

from typing import Any

REFUSED_NOTIFICATION: dict[str, Any] = {
    "id": "AAAAAAAAAAE",
    "receivedAt": "2026-04-17T07:33:41.120034Z",
    "credential": "operator-prod",
    "reason": "data.roaming: must be a boolean",
    "mediaType": "application/cloudevents+json",
    "sizeBytes": 14,
    "state": "refused",
}

BODY: dict[str, Any] = {
    "headers": {"content-type": "application/cloudevents+json", "content-length": "14"},
    "bodyEncoding": "utf-8",
    "body": '{"roaming": 2}',
}

REPROCESSING_OUTCOME: dict[str, Any] = {
    "id": "AAAAAAAAAAE",
    "state": "stored",
    "reprocessedAt": "2026-04-18T09:00:12.004711Z",
}
