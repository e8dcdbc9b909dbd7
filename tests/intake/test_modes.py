"""Content modes: which one headers and body tell, and the notifications of a request."""

import json
from itertools import product

import pytest

from receiver.errors import MediaTypeUnsupported, NotificationRefused
from receiver.intake.modes import (
    BATCH,
    JSON,
    STRUCTURED,
    Content,
    Mode,
    SentHeaders,
    find_plain_mode,
    is_single,
    open_content,
    open_member,
    read_mode,
)
from tests.support.bodies import cloudevent

SPECVERSION = {"ce-specversion": "1.0"}
ATTRIBUTES = {
    **SPECVERSION,
    "ce-id": "7",
    "ce-source": "//operator.invalid",
    "ce-type": "org.camaraproject.device-status.v0.roaming-on",
}
MISMATCH = {"content-type-mismatch"}
LIMIT = 100_000


def opened(media_type: str | None, body: bytes, **headers: str) -> Content:
    sent = headers if media_type is None else {"content-type": media_type, **headers}
    return open_content(sent, body, LIMIT)


@pytest.mark.parametrize(
    ("media_type", "headers", "announced"),
    [
        ("application/json", {}, Mode.STRUCTURED),
        ("Application/JSON; charset=utf-8", {}, Mode.STRUCTURED),
        ('application/json; profile="a,b"', {}, Mode.STRUCTURED),
        ("text/json", {}, Mode.STRUCTURED),
        ("application/vnd.operator+json; v=1", {}, Mode.STRUCTURED),
        ("application/cloudevents+json", {}, Mode.STRUCTURED),
        ("application/cloudevents+json", SPECVERSION, Mode.STRUCTURED),
        ("application/json", SPECVERSION, Mode.BINARY),
        ("text/json", SPECVERSION, Mode.BINARY),
        ("application/vnd.operator+json", SPECVERSION, Mode.BINARY),
        ("", SPECVERSION, Mode.BINARY),
        ("application/cloudevents-batch+json", SPECVERSION, Mode.BATCH),
    ],
)
def test_the_headers_announce_the_mode(
    media_type: str, headers: dict[str, str], announced: Mode
) -> None:
    sent = {"content-type": media_type, **headers}
    assert read_mode(sent) is announced
    assert find_plain_mode(sent) is announced


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": " "},
        {"content-type": "application/json, application/json"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {**ATTRIBUTES, "content-encoding": "br"},
    ],
)
def test_a_mode_that_the_headers_do_not_tell_is_left_to_the_body(headers: dict[str, str]) -> None:
    assert find_plain_mode(headers) is None
    read_mode(headers)


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/cloudevents+avro",
        "application/cloudevents-batch+xml",
        "application/jsonp",
        "application/json, text/plain",
        "text/plain, application/vnd.operator+json",
    ],
)
@pytest.mark.parametrize("headers", [{}, SPECVERSION])
def test_a_media_type_that_is_not_json_is_refused(media_type: str, headers: dict[str, str]) -> None:
    sent = {"content-type": media_type, **headers}
    assert find_plain_mode(sent) is None
    with pytest.raises(MediaTypeUnsupported):
        read_mode(sent)
    with pytest.raises(MediaTypeUnsupported):
        open_content(sent, b"{}", LIMIT)


def test_headers_are_text_once_they_are_asked_for() -> None:
    headers = SentHeaders({b"content-type": b"application/json", b"x": b"\xe4"})
    assert dict(headers) == {"content-type": "application/json", "x": "ä"}
    assert len(headers) == 2


def test_an_array_and_gzip_are_not_certainly_one_notification() -> None:
    objects = (b"{}", b" {}", b"\xef\xbb\xbf{}", b"", b"17")
    arrays = (b"[]", b" \n[]", b"\xef\xbb\xbf[]")
    plain = (Mode.STRUCTURED, Mode.BINARY)
    assert all(is_single(mode, body) for mode, body in product(plain, objects))
    assert not any(is_single(Mode.STRUCTURED, body) for body in arrays)
    assert all(is_single(Mode.BINARY, body) for body in arrays)
    assert not any(is_single(mode, b"\x1f\x8b") for mode in plain)
    assert not any(is_single(mode, body) for mode, body in product((Mode.BATCH, None), objects))


def test_a_structured_body_is_its_own_only_member() -> None:
    body = cloudevent("roaming-on")
    [member] = opened(STRUCTURED, body).split()
    assert member.body == body
    assert member.read().event_id == "1"


def test_a_batch_has_its_members_to_the_letter_and_none_is_read_yet() -> None:
    [first, second] = opened(BATCH, b'[ {"id" : 1}, 7 ]').split()
    assert [first.body, second.body] == [b'{"id" : 1}', b"7"]
    with pytest.raises(NotificationRefused):
        second.read()


def test_no_more_members_of_a_batch_are_split_than_are_asked_for() -> None:
    assert len(opened(BATCH, b"[1,2,3]").split(2)) == 2
    assert len(opened(BATCH, b"[1,2,3]").split()) == 3


def test_binary_mode_takes_the_attributes_from_the_headers() -> None:
    [member] = opened(JSON, b'{"subscriptionId": "sub-1"}', **ATTRIBUTES).split()
    envelope = member.read()
    assert (envelope.event_id, envelope.source) == ("7", "//operator.invalid")
    assert envelope.findings == frozenset()


def test_binary_mode_without_a_media_type_is_json() -> None:
    [member] = opened(None, b'{"subscriptionId": "sub-1"}', **ATTRIBUTES).split()
    envelope = member.read()
    assert (envelope.subscription_id, envelope.findings) == ("sub-1", frozenset())


ARRAY = b"[" + cloudevent("roaming-on") + b", " + cloudevent("roaming-on", id="2") + b"]"


@pytest.mark.parametrize("before", [b"", b" \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\t"])
@pytest.mark.parametrize(
    "media_type", [None, "", JSON, f"{JSON}, {JSON}", STRUCTURED, "text/json", BATCH]
)
def test_an_array_is_a_batch_and_an_object_one_notification_whatever_the_media_type(
    media_type: str | None, before: bytes
) -> None:
    batch = opened(media_type, before + ARRAY)
    assert batch.mode is Mode.BATCH
    envelopes = [member.read() for member in batch.split()]
    assert [envelope.event_id for envelope in envelopes] == ["1", "2"]
    expected = set() if media_type == BATCH else MISMATCH
    assert [envelope.findings for envelope in envelopes] == [expected, expected]
    single = opened(media_type, before + cloudevent("roaming-on"))
    assert single.mode is Mode.STRUCTURED
    is_as_announced = media_type in {JSON, STRUCTURED, "text/json"}
    assert single.findings == (frozenset() if is_as_announced else MISMATCH)


def test_what_is_neither_array_nor_object_is_refused_as_announced() -> None:
    with pytest.raises(NotificationRefused, match="must be a JSON array"):
        opened(BATCH, b"17").split()
    [member] = opened(JSON, b"17").split()
    with pytest.raises(NotificationRefused, match="must be a JSON object"):
        member.read()


def test_a_member_by_itself_has_the_findings_it_had_in_its_batch() -> None:
    body = cloudevent("roaming-on")
    for media_type, expected in ((BATCH, set()), (JSON, MISMATCH), ("", MISMATCH)):
        headers = {"content-type": media_type, "content-encoding": "gzip"}
        [member] = open_member(headers, body).split()
        assert member.read().findings == expected


def test_the_findings_of_the_headers_join_those_of_the_event() -> None:
    body = json.dumps(json.loads(cloudevent("roaming-on")) | {"specversion": "0.3"}).encode()
    [member] = opened(None, body).split()
    assert member.read().findings == {"specversion-unknown", *MISMATCH}
