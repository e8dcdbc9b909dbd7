"""Calls about events: the history, pages by arrival, one event, all in one answer, live."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal, Unpack
from uuid import UUID

from receiver.client.answers.events import EventPage, EventWithPayload
from receiver.client.calls.arguments import (
    EventFilters,
    Identifiers,
    Order,
    write_device,
    write_id,
    write_members,
    write_path,
    write_query,
)
from receiver.client.errors import UnexpectedAnswer
from receiver.client.exchange import Answer, Call, read_as
from receiver.client.following import PATIENCE_SECONDS, Following
from receiver.client.parsing import read

Format = Literal["ndjson", "csv", "parquet"]


class HistoryFilters(Identifiers, EventFilters, total=False):
    """A device, and which of its events."""


def list_events(
    *,
    order: Order | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    **filters: Unpack[EventFilters],
) -> Call[EventPage]:
    """Returns all events by arrival, latest first; `order="asc"` follows what arrives."""
    query = write_query(order=order, limit=limit, cursor=cursor, **filters)
    return Call("GET", "/events", read_as(EventPage), query)


def list_device_events(
    device_id: UUID | str,
    *,
    order: Order | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    **filters: Unpack[EventFilters],
) -> Call[EventPage]:
    """Returns the events of a device by `occurred_at`, newest first, by its id."""
    path = write_path("/devices/{device_id}/events", device_id=write_id(device_id))
    query = write_query(order=order, limit=limit, cursor=cursor, **filters)
    return Call("GET", path, read_as(EventPage), query)


def retrieve_events(
    *,
    order: Order | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    **filters: Unpack[HistoryFilters],
) -> Call[EventPage]:
    """Returns the events of a device by `occurred_at`, newest first, by an identifier."""
    names = Identifiers.__annotations__
    identifiers = {name: value for name, value in filters.items() if name in names}
    others = {name: value for name, value in filters.items() if name not in names}
    members = write_members(order=order, limit=limit, cursor=cursor, **others)
    body = {"device": write_device(identifiers), **members}
    return Call("POST", "/events/retrieve", read_as(EventPage), body=body)


def get_event(event_id: str) -> Call[EventWithPayload]:
    """Returns one event with its notification, by the `id` of the event."""
    return Call(
        "GET",
        write_path("/events/{id}", id=event_id),
        lambda answer: read_event(answer.body.decode()),
    )


def export_events(
    *,
    format: Format | None = None,  # noqa: A002 - the name in the API
    after_id: str | None = None,
    **filters: Unpack[EventFilters],
) -> Call[Answer]:
    """Returns every event that passes the filters as bytes, earliest arrival first.

    An export that is cut off raises `ConnectionFailed`; `after_id`, the id of the last event that
    came, goes on from there.
    """
    query = write_query(format=format, after_id=after_id, **filters)
    return Call("GET", "/events/export", lambda answer: answer, query)


def iterate_exported_events(
    *, after_id: str | None = None, **filters: Unpack[EventFilters]
) -> Call[Answer]:
    """Returns every event that passes the filters with its notification, earliest arrival first.

    It is one answer of the service, without pages. If it is cut off it raises `ConnectionFailed`.
    """
    return export_events(format="ndjson", after_id=after_id, **filters)


def follow(
    *,
    last_event_id: str | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
    on_gap: Callable[[datetime], object] | None = None,
    **filters: Unpack[EventFilters],
) -> Following:
    """Returns each event as it is stored, from now on, or since the event with an id; never ends.

    A stream that is cut off or ended by the service is resumed, and an event that comes twice
    around it is returned once.

    Args:
        last_event_id: the `id` of the last event that was handled.
        patience_seconds: for how long a stream that was heard may stay away before the error of
            the last try is raised. The first try is never repeated.
        on_gap: called with the time from which on events are kept, where older ones were missed.
            Without it `EventsMissed` is raised.
    """
    if last_event_id == "":
        # The service would begin now, and what was stored since would be missed without a word.
        raise ValueError("last_event_id: empty")
    call = Call("GET", "/events/stream", lambda answer: answer, write_query(**filters))
    return Following(call, last_event_id, on_gap, patience_seconds)


def read_event(text: str) -> EventWithPayload:
    """Returns an event with its notification: the answer for one, or a line of an export.

    Raises:
        ValueError: it is none.
    """
    members, payload = _parse(text)
    return read(EventWithPayload, {**members, "payloadText": payload})


class ExportedEvents:
    """Makes events of the pieces of an export, a line each."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[EventWithPayload]:
        """Yields the events that a piece completes."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            try:
                yield read_event(line.decode())
            except ValueError as error:
                raise UnexpectedAnswer(f"the export is not NDJSON: {error}", 200) from None


def _parse(text: str) -> tuple[dict[str, object], str]:
    """Returns the members of an object, and the text of its `payload`, which parsing would change.

    Raises:
        ValueError: it is no object.
    """
    members: dict[str, object] = {}
    payload = ""
    decode = json.JSONDecoder().raw_decode
    try:
        position = _skip(text, 0, " \t\r\n")
        if text[position] != "{":
            raise ValueError("not an object")
        position = _skip(text, position + 1, " \t\r\n")
        while text[position] != "}":
            name, position = decode(text, position)
            start = _skip(text, position, " \t\r\n:")
            members[str(name)], position = decode(text, start)
            if name == "payload":
                payload = text[start:position]
            position = _skip(text, position, " \t\r\n,")
    except (IndexError, RecursionError, json.JSONDecodeError):
        raise ValueError("not JSON") from None
    return members, payload


def _skip(text: str, position: int, signs: str) -> int:
    while text[position] in signs:
        position += 1
    return position
