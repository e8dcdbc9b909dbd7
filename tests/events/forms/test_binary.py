"""Binary mode: the same event, the same meaning and the same identity as sent structured."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import NotificationRefused
from receiver.events.event import Event
from receiver.events.findings import Finding
from receiver.events.forms.binary import read_binary
from receiver.events.forms.envelope import Envelope
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand
from tests.support import bodies
from tests.support.paths import SAMPLES

ATTRIBUTES = {
    "specversion": "1.0",
    "id": "1",
    "source": "//operator.invalid",
    "type": "org.camaraproject.device-status.v0.roaming-status",
    "time": "2026-03-02T10:00:00Z",
}
DATA = b' {"subscriptionId": "sub-1",\n "roaming": true, "roaming": false} '


def _envelope(body: bytes = DATA, **attributes: str) -> Envelope:
    return read_binary(ATTRIBUTES | attributes, "application/json", body)


def _event(body: bytes = DATA, **attributes: str) -> Event:
    return understand(_envelope(body, **attributes), bodies.ARRIVAL)


def _refusal(body: bytes = DATA, **attributes: str) -> str:
    with pytest.raises(NotificationRefused) as refused:
        _event(body, **attributes)
    return str(refused.value)


def test_the_payload_is_the_structured_event_with_the_body_to_the_letter() -> None:
    envelope = _envelope()
    expected = ATTRIBUTES | {
        "datacontenttype": "application/json",
        "data": {"subscriptionId": "sub-1", "roaming": False},
    }
    assert expected == json.loads(envelope.payload)
    assert envelope.payload.endswith(f',"data":{DATA.decode()}}}')


@pytest.mark.parametrize("name", ["cloudevent-connectivity-data", "cloudevent-roaming-status"])
def test_an_event_says_the_same_in_either_mode(name: str) -> None:
    body = (SAMPLES / f"{name}.json").read_bytes()
    structured = json.loads(body)
    data = json.dumps(structured.pop("data")).encode()
    media_type = structured.pop("datacontenttype")
    headers = {attribute: quote(value) for attribute, value in structured.items()}
    binary = understand(read_binary(headers, media_type, data), bodies.ARRIVAL)
    expected = bodies.sample(name)
    for member in set(Event._fields) - {"payload"}:
        assert getattr(expected, member) == getattr(binary, member), member


def test_an_event_without_body_has_no_data() -> None:
    event = _event(b"", type="a.roaming-on", source="/subscriptions/tail")
    assert (event.subscription_id, event.findings) == ("tail", ("data-missing",))
    assert "data" not in json.loads(event.payload)


def test_a_missing_content_type_is_json() -> None:
    envelope = read_binary(ATTRIBUTES, "", DATA)
    assert "datacontenttype" not in envelope.payload
    assert _envelope().digest == envelope.digest


def test_another_content_type_is_a_finding() -> None:
    envelope = read_binary(ATTRIBUTES, "text/plain", DATA)
    assert envelope.findings == {"datacontenttype-not-json"}


def test_a_byte_order_mark_is_stripped_from_the_body() -> None:
    envelope = _envelope(b"\xef\xbb\xbf" + DATA)
    assert _envelope().payload == envelope.payload
    assert frozenset({Finding.BYTE_ORDER_MARK}) == envelope.findings


@pytest.mark.parametrize(
    ("sent", "source"),
    [
        ("//operator.invalid/%E2%82%AC%20%f0%9f%98%80", "//operator.invalid/€ 😀"),
        ("%2F%2525", "/%25"),
        ('"//operator invalid/\\"quoted\\\\"', '//operator invalid/"quoted\\'),
        ('"%41', '"A'),
        ("a+b", "a+b"),
    ],
)
def test_a_header_is_decoded_once(sent: str, source: str) -> None:
    envelope = _envelope(source=sent)
    assert (source, frozenset()) == (envelope.source, envelope.findings)


@pytest.mark.parametrize("name", ["id", "source", "type", "subject", "comexample"])
@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("load 50%", "load 50%"),
        ('"load 50%"', "load 50%"),
        ("50%25 of %zz", "50%25 of %zz"),
        ("%C0%A0", "%C0%A0"),
        ("%00", "%00"),
        ("é".encode().decode("latin-1"), "é"),
        ("\xe9", "é"),
        ("\xe9 %41", "é %41"),
        ("€", "€"),
    ],
)
def test_what_is_not_percent_encoded_is_taken_as_it_is_with_a_finding(
    name: str, sent: str, text: str
) -> None:
    envelope = _envelope(DATA, **{name: sent})
    assert text == json.loads(envelope.payload)[name]
    assert frozenset({Finding.ATTRIBUTE_NOT_PERCENT_ENCODED}) == envelope.findings


# Bytes of a header's value (RFC 9110, section 5.5): visible ones, those beyond ASCII, and between
# them spaces and tabs.
field_values = st.lists(
    st.sampled_from([*range(0x21, 0x7F), *range(0x80, 0x100), 0x20, 0x09]), max_size=40
).map(lambda octets: bytes(octets).decode("latin-1"))
field_names = st.sampled_from(
    ["specversion", "subject", "dataschema", "traceparent", "comexample", "data", "event"]
)


@given(st.dictionaries(field_names, field_values), field_values)
def test_no_header_that_need_not_be_understood_refuses_an_event(
    headers: dict[str, str], parameter: str
) -> None:
    media_type = f"application/json; x={parameter}"
    event = understand(read_binary(ATTRIBUTES | headers, media_type, DATA), bodies.ARRIVAL)
    assert _event().digest == event.digest
    assert _event()._replace(findings=(), payload="") == event._replace(findings=(), payload="")


@given(st.sampled_from(["id", "source", "type"]), field_values.filter(lambda sent: len(sent) > 2))
def test_a_header_that_must_be_understood_is_text_whatever_its_bytes(name: str, sent: str) -> None:
    text = json.loads(_envelope(DATA, **{name: sent}).payload)[name]
    assert 0 < len(text) <= 3 * len(sent)


@pytest.mark.parametrize(
    ("attributes", "refusal"),
    [
        ({"id": ""}, "ce-id: empty"),
        ({"id": "x" * 257}, "ce-id: longer than 256 characters"),
        ({"source": "x" * 2049}, "ce-source: longer than 2048 characters"),
        ({"type": "x" * 513}, "ce-type: longer than 512 characters"),
        ({"time": "soon"}, "ce-time: not an RFC 3339 date-time"),
        ({"comexample": "\0"}, "ce-comexample: a NUL character"),
    ],
)
def test_an_attribute_that_makes_no_sense_is_refused_by_its_header(
    attributes: dict[str, str], refusal: str
) -> None:
    assert refusal == _refusal(DATA, **attributes)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
def test_a_missing_attribute_is_refused_by_its_header(name: str) -> None:
    with pytest.raises(NotificationRefused) as refused:
        read_binary({key: ATTRIBUTES[key] for key in ATTRIBUTES if key != name}, "", DATA)
    assert f"ce-{name}: missing" == str(refused.value)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b'{"a":1},"id":{"b":2}', "line 1 column 8: not valid JSON"),
        (b" ", "line 1 column 1: not valid JSON"),
        (b'{"a":\n "\xff"}', "line 2 column 3: not valid UTF-8"),
        (rb'{"a": "\u0000"}', "line 1 column 8: a NUL character"),
        (b"[17]", "data: must be an object"),
        (b'{"subscriptionId": []}', "data.subscriptionId: must be a string"),
    ],
)
def test_a_fault_in_the_body_is_refused_with_its_place_there(body: bytes, refusal: str) -> None:
    assert refusal == _refusal(body)


def test_data_is_as_deep_as_the_structured_event_allows() -> None:
    levels = b'{"a":' * 62 + b"[]" + b"}" * 62
    read_structured(_envelope(levels).payload.encode())
    assert _refusal(b'{"a":' + levels + b"}").endswith("more than 63 levels deep")


def test_the_body_and_its_content_type_overrule_headers_of_their_names() -> None:
    names = ("data", "data_base64", "datacontenttype")
    assert _envelope() == _envelope(DATA, **dict.fromkeys(names, "17"))


def test_an_extension_is_kept_in_the_payload() -> None:
    envelope = _envelope(comexample="%E2%82%AC", event="{}")
    payload = json.loads(envelope.payload)
    assert (payload["comexample"], payload["event"]) == ("€", "{}")
    assert _envelope().digest == envelope.digest


@given(st.text(max_size=20), st.text(min_size=1, max_size=20), st.text(max_size=20))
def test_whatever_the_headers_hold_the_payload_reads_back_as_the_same_event(
    name: str, value: str, media_type: str
) -> None:
    headers = ATTRIBUTES | {"id": quote(value), name: quote(value)}
    try:
        binary = read_binary(headers, media_type, DATA)
    except NotificationRefused:
        return
    structured = read_structured(binary.payload.encode())
    of_headers = {Finding.ATTRIBUTE_NOT_PERCENT_ENCODED}
    assert (structured.digest, structured.data) == (binary.digest, binary.data)
    assert structured.findings == binary.findings - of_headers
