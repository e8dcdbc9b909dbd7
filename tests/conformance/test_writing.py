"""Notifications: no two have an id in common, and none is about anybody."""

import json
from datetime import UTC, datetime

from receiver.conformance.published import ROAMING_API
from receiver.conformance.run import list_cases
from receiver.conformance.writing import PHONE_NUMBER, Writer, encode, post, post_binary

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def test_a_member_that_is_none_is_left_out_and_others_are_exchanged() -> None:
    event = Writer("run", NOW).write(ROAMING_API, "roaming-on", {"time": None, "id": "other"})
    assert "time" not in event
    assert event["id"] == "other"
    assert event["type"] == f"org.camaraproject.{ROAMING_API}.v0.roaming-on"


def test_each_event_has_an_id_and_a_later_time_than_the_one_before() -> None:
    writer = Writer("run", NOW)
    first, second = (writer.write(ROAMING_API, "roaming-on") for _ in range(2))
    assert (first["id"], second["id"]) == ("run-1", "run-2")
    assert str(first["time"]) < str(second["time"])
    assert first["time"] == "2026-03-04T00:00:00.001Z"


def test_the_same_run_sends_the_same_bytes_and_another_has_other_ids() -> None:
    def bodies(run: str) -> list[bytes]:
        return [request.body for case in list_cases(run, NOW) for request in case.requests]

    assert bodies("one") == bodies("one")
    own, others = ({body for body in bodies(run) if b'"id"' in body} for run in ("one", "two"))
    # But for the event that lacks its id.
    assert len(own & others) <= 1


def test_nothing_that_is_sent_names_anybody() -> None:
    for case in list_cases("run", NOW):
        for request in case.requests:
            text = request.body.decode(errors="replace")
            assert text.count("phoneNumber") == text.count(PHONE_NUMBER)
            assert "source" not in text or "https://conformance.invalid" in text


def test_binary_mode_has_the_attributes_in_headers_and_the_data_in_the_body() -> None:
    event = Writer("run", NOW).write(ROAMING_API, "roaming-on")
    request = post_binary(event)
    assert json.loads(request.body) == event["data"]
    assert request.headers["content-type"] == "application/json"
    assert request.headers["ce-id"] == event["id"]
    assert "ce-datacontenttype" not in request.headers


def test_a_request_has_its_media_type_and_the_headers_that_are_named() -> None:
    request = post({"a": 1}, "text/plain", x_correlator="c")
    assert (request.body, request.headers) == (
        b'{"a":1}',
        {"content-type": "text/plain", "x-correlator": "c"},
    )
    assert encode([1, "é"]) == b'[1,"\\u00e9"]'
