import json

import pytest

from receiver.client.calls.events import (
    ExportedEvents,
    follow,
    iterate_exported_events,
    list_device_events,
    read_event,
    retrieve_events,
)
from receiver.client.errors import UnexpectedAnswer
from receiver.events.examples import NOTIFICATION
from tests.support.described import schemas

DEVICE_ID = "0cf92697-7e55-59a0-a71e-a4876ae604a2"
EVENT = schemas()["Event"]["example"]


def line(payload: str) -> str:
    return f'{json.dumps(EVENT)[:-1]},"payload":{payload}}}'


def test_a_question_has_its_device_beside_its_filters() -> None:
    call = retrieve_events(phone_number="+99999991000", kind="roaming", limit=5, order="asc")
    assert (call.method, call.path) == ("POST", "/events/retrieve")
    assert call.body == {
        "device": {"phoneNumber": "+99999991000"},
        "kind": ["roaming"],
        "limit": 5,
        "order": "asc",
    }


def test_a_phone_number_never_stands_in_a_url() -> None:
    with pytest.raises(ValueError, match="device_id: not a UUID"):
        list_device_events("+99999991000")
    assert list_device_events(DEVICE_ID).path == f"/devices/{DEVICE_ID}/events"


def test_the_payload_is_as_it_was_received() -> None:
    payload = '{ "a":1.50,\n "payload": {"b" : "\\u00fc}"} , "n":1e400}'
    event = read_event(line(payload))
    assert event.payload_text == payload
    assert isinstance(event.payload, dict)
    assert event.id == EVENT["id"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"id"', '{"id": "a"}', "[" * 100_000, "null"])
def test_what_is_no_event_is_told_without_its_content(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(not JSON|not an object|EventWithPayload\.\w+: .*)$"):
        read_event(text)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_an_export_is_read_however_it_is_cut(size: int) -> None:
    whole = 3 * (line(json.dumps(NOTIFICATION)) + "\n").encode()
    exported = ExportedEvents()
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    events = [event for piece in pieces for event in exported.feed(piece)]
    assert [event.payload for event in events] == [NOTIFICATION] * 3


def test_an_export_of_another_program_is_told_from_that_of_the_service() -> None:
    with pytest.raises(UnexpectedAnswer, match="the export is not NDJSON"):
        list(ExportedEvents().feed(b"<html>\n"))


def test_events_are_exported_as_ndjson_after_an_event() -> None:
    call = iterate_exported_events(after_id="a", kind="roaming")
    assert call.query == [("format", "ndjson"), ("afterId", "a"), ("kind", "roaming")]


def test_a_stream_after_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="last_event_id: empty"):
        follow(last_event_id="")


def test_a_stream_has_the_filters_of_events() -> None:
    call = follow(kind=["roaming"], last_event_id="a").begin()
    assert (call.query, call.headers["last-event-id"]) == ([("kind", "roaming")], "a")
