"""Data in base64 and in a string: the same event as sent plainly, within the same bounds."""

import json
from base64 import b64encode, encodebytes, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import NotificationRefused
from receiver.events.event import Event, Kind
from receiver.events.findings import Finding
from receiver.events.forms.batch import split_batch
from receiver.events.forms.embedded_data import read_data
from receiver.events.forms.structured import read_structured
from tests.support import bodies
from tests.support.paths import SAMPLES

DATA: dict[str, Any] = {
    "subscriptionId": "sub-1",
    "device": {"phoneNumber": "+99999991000"},
    "roaming": True,
    # Each of the two last digits of base64 is somewhere in it.
    "note": "???>>>~~~ÿÿÿ",
}
PLAIN = bodies.event("roaming-status", DATA)
# The space makes the padding of base64 necessary.
TEXT = json.dumps(DATA, ensure_ascii=False).encode() + b" "


def _has_an_object(body: bytes) -> bool:
    """Whether it is a CloudEvent that is understood, with an object as data."""
    try:
        bodies.understood(body)
    except NotificationRefused:
        return False
    sent = json.loads(body)
    return "specversion" in sent and isinstance(sent.get("data"), dict)


CLOUDEVENTS = [
    path
    for path in sorted(SAMPLES.glob("**/*.json"))
    if ".expected" not in path.name and _has_an_object(path.read_bytes())
]


def base64(body: bytes) -> str:
    return b64encode(body).decode()


def with_base64(name: str, encoded: object, **attributes: object) -> bytes:
    """A CloudEvent with `data_base64`; without `data` unless that is one of its attributes."""
    sent = json.loads(bodies.cloudevent(name))
    del sent["data"]
    return json.dumps(sent | attributes | {"data_base64": encoded}).encode()


def says_the_same(one: Event, other: Event) -> bool:
    return one._replace(payload="", findings=()) == other._replace(payload="", findings=())


@pytest.mark.parametrize("path", CLOUDEVENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_published_event_says_the_same_with_its_data_in_base64_or_in_a_string(
    path: Path,
) -> None:
    plain = bodies.understood(path.read_bytes())
    sent = json.loads(path.read_bytes())
    text = json.dumps(sent.pop("data"))
    encoded = json.dumps(sent | {"data_base64": base64(text.encode())}).encode()
    assert says_the_same(plain, bodies.understood(encoded))
    assert plain.findings == bodies.understood(encoded).findings
    [member] = split_batch(b"[" + encoded + b"]")
    assert plain.digest == read_structured(*member).digest
    in_a_string = bodies.understood(json.dumps(sent | {"data": text}).encode())
    assert says_the_same(plain, in_a_string)
    assert {*plain.findings, "data-in-a-string"} == set(in_a_string.findings)


def test_the_payload_stays_as_it_arrived() -> None:
    body = with_base64("roaming-status", base64(TEXT))
    assert body.decode() == bodies.understood(body).payload


@pytest.mark.parametrize(
    "encoded",
    [
        base64(TEXT).rstrip("="),
        encodebytes(TEXT).decode(),
        encodebytes(TEXT).decode().replace("\n", "\r\n"),
        urlsafe_b64encode(TEXT).decode(),
        urlsafe_b64encode(TEXT).decode().rstrip("="),
    ],
)
def test_another_notation_of_base64_is_a_finding(encoded: str) -> None:
    event = bodies.understood(with_base64("roaming-status", encoded))
    assert says_the_same(PLAIN, event)
    assert event.findings == ("data-base64-not-standard",)


@pytest.mark.parametrize(
    ("encoded", "refusal"),
    [
        (17, "data_base64: must be a string"),
        ({}, "data_base64: must be a string"),
        ("e30=e30=", "data_base64: not valid base64"),
        ("e", "data_base64: not valid base64"),
        ("e3!0", "data_base64: not valid base64"),
        ("é", "data_base64: not valid base64"),
        (base64(b"hello"), "data_base64, line 1 column 1: not valid JSON"),
        (base64(b'{\n"a": "\xff"}'), "data_base64, line 2 column 7: not valid UTF-8"),
        (base64(rb'{"a": "\u0000"}'), "data_base64, line 1 column 8: a NUL character"),
        (base64(b'{"a": 1e400}'), "data_base64, line 1 column 7: not valid JSON"),
        (base64(b'{"a": 9223372036854775808}'), "data_base64: an integer beyond 64 bits"),
        (base64(b"[17]"), "data: must be an object"),
    ],
)
def test_base64_that_makes_no_sense_refuses_a_known_type_and_is_kept_whole_of_an_unknown(
    encoded: object, refusal: str
) -> None:
    assert refusal == bodies.refused(with_base64("roaming-status", encoded))
    event = bodies.understood(with_base64("weather-changed", encoded))
    assert event.kind is Kind.UNRECOGNISED


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("hello", "data: must be an object"),
        ("[17]", "data: must be an object"),
        ('{"a": 1', "data, line 1 column 8: not valid JSON"),
        (r'{"a": "\u0000"}', "data, line 1 column 8: a NUL character"),
        ('"{}"', "data: must be an object"),
    ],
)
def test_a_string_that_is_no_object_refuses_a_known_type_and_is_kept_whole_of_an_unknown(
    text: str, refusal: str
) -> None:
    assert refusal == bodies.refusal("roaming-status", text)
    assert bodies.event("weather-changed", text).findings == ()


@pytest.mark.parametrize("levels", [62, 63])
def test_embedded_data_is_as_deep_as_plain_data(levels: int) -> None:
    text = '{"a":' * (levels - 1) + "[]" + "}" * (levels - 1)
    read_structured(bodies.cloudevent("roaming-on", json.loads(text)))
    deeper = '{"a":' + text + "}"
    for body in (
        with_base64("roaming-on", base64(text.encode())),
        bodies.cloudevent("roaming-on", text),
    ):
        assert read_structured(body).fault is None
    if levels == 63:
        for body in (
            with_base64("roaming-on", base64(deeper.encode())),
            bodies.cloudevent("roaming-on", deeper),
        ):
            assert bodies.refused(body).endswith("more than 63 levels deep")


@pytest.mark.parametrize("encoded", [None, ""])
def test_base64_of_nothing_is_no_data(encoded: object) -> None:
    event = bodies.understood(with_base64("roaming-on", encoded, source="/subscriptions/tail"))
    assert event.findings == ("data-missing",)


def test_a_byte_order_mark_is_stripped() -> None:
    event = bodies.understood(with_base64("roaming-status", base64(b"\xef\xbb\xbf" + TEXT)))
    assert says_the_same(PLAIN, event)
    assert event.findings == ("byte-order-mark",)


@pytest.mark.parametrize(
    "encoded", [base64(TEXT), base64(json.dumps(DATA, sort_keys=True, indent=1).encode()), "!"]
)
def test_data_counts_where_base64_does_not_contradict_it(encoded: str) -> None:
    event = bodies.understood(with_base64("roaming-status", encoded, data=DATA))
    assert says_the_same(PLAIN, event)
    assert event.findings == ("data-given-twice",)


@pytest.mark.parametrize("other", [{"roaming": False}, {"roaming": 1}, [], 17])
def test_data_and_base64_that_contradict_each_other_have_no_meaning(other: object) -> None:
    encoded = base64(json.dumps(other).encode())
    sent = with_base64("roaming-status", encoded, data={"roaming": True})
    assert bodies.refused(sent) == "data_base64: contradicts data"
    unknown = with_base64("weather-changed", encoded, data={"roaming": True})
    said = bodies.understood(unknown).digest
    assert said != bodies.event("weather-changed", {"roaming": True}).digest
    assert said != bodies.event("weather-changed", other).digest


@pytest.mark.parametrize(
    ("content_type", "findings"),
    [
        (None, ()),
        ("application/json; charset=utf-8", ()),
        ("application/vnd.operator+json", ()),
        ("application/octet-stream", ("datacontenttype-not-json",)),
    ],
)
def test_an_object_is_read_whatever_its_media_type(
    content_type: str | None, findings: tuple[str, ...]
) -> None:
    body = with_base64("roaming-status", base64(TEXT), datacontenttype=content_type)
    event = bodies.understood(body)
    assert says_the_same(PLAIN, event)
    assert findings == event.findings


def test_bytes_of_another_media_type_are_identified_by_themselves() -> None:
    digests = {
        bodies.understood(
            with_base64("weather-changed", encoded, datacontenttype="text/plain")
        ).digest
        for encoded in ("MTc=", "MTc", "MT\nc=")
    }
    assert len(digests) == 1
    assert digests.isdisjoint({bodies.event("weather-changed", 17).digest})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(json_values)
def test_any_json_in_base64_is_that_json(value: object) -> None:
    text = json.dumps(value).encode()
    if b"\\u0000" in text:
        return
    findings: set[Finding] = set()
    said, data, _ = read_data({"data_base64": base64(text)}, findings)
    assert said == value
    assert data == (value if isinstance(value, dict) else None)
    assert findings == set()


@given(st.text() | st.binary().map(base64))
def test_any_text_in_base64_and_data_is_read_or_a_fault(text: str) -> None:
    documents: list[dict[str, object]] = [
        {"data_base64": text},
        {"data": text},
        {"data": {}, "data_base64": text},
    ]
    for document in documents:
        findings: set[Finding] = set()
        said, data, fault = read_data(document, findings)
        assert isinstance(data, dict) or fault is not None or said is None
