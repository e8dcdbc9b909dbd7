"""Structured mode: which form a body has, and which bodies are no notification at all."""

import json

import pytest

from receiver.errors import NotificationRefused
from receiver.events.event import Form
from receiver.events.forms.structured import read_structured
from tests.support import bodies


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (bodies.cloudevent("roaming-on"), Form.CLOUDEVENTS),
        (bodies.legacy("ROAMING_ON", {}), Form.LEGACY),
        (bodies.flat("ROAMING_ON", {}), Form.LEGACY),
    ],
)
def test_the_form_is_decided_before_the_type(body: bytes, form: Form) -> None:
    envelope = read_structured(body)
    assert (form, "roaming-on") == (envelope.form, envelope.name)


def test_specversion_decides_before_event_and_event_before_event_type() -> None:
    legacy = json.loads(bodies.legacy("ROAMING_ON", {}))
    flat = json.loads(bodies.flat("ROAMING_OFF", {}))
    cloudevent = json.loads(bodies.cloudevent("roaming-status"))
    names = [
        read_structured(json.dumps(sent).encode()).name
        for sent in (flat | legacy | cloudevent, flat | legacy, flat)
    ]
    assert names == ["roaming-status", "roaming-on", "roaming-off"]


def test_a_missing_comma_is_refused_at_its_place() -> None:
    with pytest.raises(NotificationRefused) as refused:
        bodies.sample("cloudevent-roaming-status-without-comma")
    assert (refused.value.reason, refused.value.place) == ("not valid JSON", "line 10 column 9")


def test_a_byte_order_mark_is_stripped() -> None:
    event = bodies.understood(b"\xef\xbb\xbf" + bodies.cloudevent("roaming-on"))
    assert event.findings == ("byte-order-mark",)
    assert bodies.cloudevent("roaming-on").decode() == event.payload


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"17", b"null"])
def test_only_an_object_is_a_notification(body: bytes) -> None:
    with pytest.raises(NotificationRefused) as refused:
        read_structured(body)
    assert str(refused.value) == "must be a JSON object"


@pytest.mark.parametrize(
    "body", [b"{}", b'{"specversion": null}', b'{"event": 17}', b'{"data": {}, "id": "1"}']
)
def test_an_object_of_neither_form_is_refused(body: bytes) -> None:
    with pytest.raises(NotificationRefused) as refused:
        read_structured(body)
    assert str(refused.value) == "neither a CloudEvent nor an object with an event object"


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1e400", "9" * 30, r'"\u0000"', r'"\ud800"', "[" * 99 + "]" * 99]
)
def test_json_that_others_read_differently_is_refused(value: str) -> None:
    body = bodies.cloudevent("roaming-on", {"note": 1}).replace(b": 1}", f": {value}}}".encode())
    with pytest.raises(NotificationRefused):
        bodies.understood(body)


def test_of_a_duplicate_key_the_last_one_counts() -> None:
    body = bodies.cloudevent("roaming-on").replace(b'"id": "1"', b'"id": "1", "id": "2"')
    event = bodies.understood(body)
    assert event.event_id == "2"
    assert event.payload.encode() == body
