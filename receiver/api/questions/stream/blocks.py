"""Server-sent events as bytes (WHATWG HTML Living Standard, 9.2.5)."""

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from receiver.api.answers.resource import write_time
from receiver.api.questions.event_resources import EventResource
from receiver.api.slices import SLICE_SECONDS
from receiver.store.events.keys import EventKey, read_event_id, write_event_id
from receiver.store.following.lateness import Told

# No device; the id of a place has the form of that of an event.
NO_DEVICE = UUID(int=0)

# Why a stream ends, and what its caller is told.
REASONS = {
    "lagged": "events arrive faster than they are read; go on from the last id",
    "reset": "the reading of new events began anew; go on from the last id",
    "unauthenticated": "the token is not valid any more",
    "unavailable": "the database cannot be asked; go on from the last id",
    "stopping": "the service is stopping; go on from the last id",
}

# The caller hung up, and is told nothing.
GONE = "gone"


class StreamedEvent(EventResource):
    """An event of the stream."""

    late: Literal[True] | None = Field(
        default=None,
        description="An event of the same device and kind that occurred later was stored before; "
        "whoever keeps the latest leaves this one out.",
    )


def write_event(told: Told) -> bytes:
    """Returns an event with its id."""
    resource = EventResource.of(told.event)
    members = resource.model_dump_json(by_alias=True, exclude_none=True)
    late = ',"late":true}' if told.is_late else "}"
    return f"id: {resource.id}\ndata: {members[:-1]}{late}\n\n".encode()


async def write_events(events: Iterable[Told]) -> Sequence[bytes]:
    """Returns the blocks of events; other work of the process goes on in between."""
    blocks = []
    since = time.monotonic()
    for told in events:
        blocks.append(write_event(told))
        if time.monotonic() - since > SLICE_SECONDS:
            await asyncio.sleep(0)
            since = time.monotonic()
    return blocks


def write_place(stored_at: datetime) -> bytes:
    """Returns a block without an event: the id of the place before which all was told."""
    return f"id: {write_event_id(EventKey(NO_DEVICE, stored_at, 0))}\n\n".encode()


def write_begin(retry_seconds: float) -> bytes:
    """Returns the first block: how long to wait before coming back."""
    return f"retry: {round(retry_seconds * 1000)}\n\n".encode()


def write_heartbeat(stored_at: datetime | None) -> bytes:
    """Returns a block that says nothing but that the stream lives.

    Args:
        stored_at: the place that is reached; None: it is told by what follows.
    """
    return b": heartbeat\n" + (b"\n" if stored_at is None else write_place(stored_at))


def write_gap(kept_from: datetime) -> bytes:
    """Returns the event that says from when on events are kept."""
    return _write_named("gap", {"keptFrom": write_time(kept_from)})


def write_end(reason: str) -> bytes:
    """Returns the last event: one of REASONS."""
    return _write_named("end", {"reason": reason, "message": REASONS[reason]})


def read_place(event_id: str) -> datetime:
    """Returns when the event was stored that an id names, or the place.

    Raises:
        ValueError: the word is no id.
    """
    return read_event_id(event_id).stored_at


def _write_named(name: str, members: dict[str, str]) -> bytes:
    data = json.dumps(members, separators=(",", ":"))
    return f"event: {name}\ndata: {data}\n\n".encode()
