"""Content modes: which one the headers announce, and the members of a request."""

import pytest

from receiver.errors import MediaTypeUnsupported, NotificationRefused
from receiver.intake.modes import Mode, SentHeaders, announced_mode, members, mode
from tests.support.bodies import cloudevent

SPECVERSION = {"ce-specversion": "1.0"}


@pytest.mark.parametrize(
    ("media_type", "headers", "announced"),
    [
        ("application/json", {}, Mode.STRUCTURED),
        ("Application/JSON; charset=utf-8", {}, Mode.STRUCTURED),
        ("application/cloudevents+json", {}, Mode.STRUCTURED),
        ("application/cloudevents+json", SPECVERSION, Mode.STRUCTURED),
        ("application/json", SPECVERSION, Mode.BINARY),
        ("application/cloudevents-batch+json", SPECVERSION, Mode.BATCH),
    ],
)
def test_the_headers_announce_the_mode(
    media_type: str, headers: dict[str, str], announced: Mode
) -> None:
    sent = {"content-type": media_type, **headers}
    assert mode(sent) is announced
    assert announced_mode(sent) is announced


@pytest.mark.parametrize("headers", [{}, {"content-type": "text/plain"}, SPECVERSION])
def test_any_other_media_type_announces_none(headers: dict[str, str]) -> None:
    assert announced_mode(headers) is None
    with pytest.raises(MediaTypeUnsupported):
        mode(headers)


def test_headers_are_text_once_they_are_asked_for() -> None:
    headers = SentHeaders({b"content-type": b"application/json", b"x": b"\xe4"})
    assert dict(headers) == {"content-type": "application/json", "x": "ä"}
    assert len(headers) == 2


def test_a_structured_body_is_its_own_only_member() -> None:
    body = cloudevent("roaming-on")
    [member] = members(Mode.STRUCTURED, {}, body)
    assert member.body == body
    assert member.read().event_id == "1"


def test_a_batch_has_its_members_to_the_letter_and_none_is_read_yet() -> None:
    [first, second] = members(Mode.BATCH, {}, b'[ {"id" : 1}, 7 ]')
    assert [first.body, second.body] == [b'{"id" : 1}', b"7"]
    with pytest.raises(NotificationRefused):
        second.read()


def test_a_batch_that_is_no_array_is_refused_whole() -> None:
    with pytest.raises(NotificationRefused):
        members(Mode.BATCH, {}, b"{}")


def test_binary_mode_takes_the_attributes_from_the_headers() -> None:
    headers = {
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": "7",
        "ce-source": "//operator.invalid",
        "ce-type": "org.camaraproject.device-status.v0.roaming-on",
    }
    [member] = members(Mode.BINARY, headers, b'{"subscriptionId": "sub-1"}')
    envelope = member.read()
    assert (envelope.event_id, envelope.source) == ("7", "//operator.invalid")
