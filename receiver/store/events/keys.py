"""The key of an event's row, and the opaque id that carries it."""

import struct
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from receiver.ids import microseconds, read_word, time_of, write_word

# Device id, stored_at in microseconds since 1970, seq; `reporting.event.event_id` is the same.
_ID = struct.Struct(">16sqq")


class EventKey(NamedTuple):
    """The key of an event's row: one partition, one look-up."""

    device_id: UUID
    stored_at: datetime
    seq: int


def write_event_id(key: EventKey) -> str:
    """Returns the `id` that readers get."""
    return write_word(_ID, key.device_id.bytes, microseconds(key.stored_at), key.seq)


def read_event_id(event_id: str) -> EventKey:
    """Returns the key in an `id`.

    Raises:
        ValueError: the word is no id of an event.
    """
    device_id, stored_at, seq = read_word(event_id, _ID)
    return EventKey(UUID(bytes=device_id), time_of(stored_at), seq)
