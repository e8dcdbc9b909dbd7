"""The stream as the OpenAPI tells of it."""

import json
from typing import Any

from receiver.api.questions import examples

EXAMPLE = (
    f"id: {examples.EVENT['id']}\ndata: {json.dumps(examples.EVENT)}\n\n"
    ": heartbeat\nid: AAAAAAAAAAAAAAAAAAAAAAAGT6hC1PAAAAAAAAAAAAA\n\n"
)

STREAM: dict[str, Any] = {
    "description": "Each event has its `id`, and an item of `/events` as its data, with "
    "`late: true` where an event of the same device and kind that occurred later was stored "
    "before. A block without data moves the id on. `event: gap` says from when events are kept, "
    "where older ones were missed. The last one is `event: end` with a `reason`: `lagged`, "
    "`reset`, `unauthenticated`, `unavailable` or `stopping`.",
    "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
}
