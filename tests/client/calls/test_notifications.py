import json

import pytest

from receiver.client import Consent
from receiver.client.calls.notifications import post_notification, request_consent
from receiver.client.exchange import Answer
from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION


@pytest.mark.parametrize(
    ("notification", "content_type"),
    [
        (NOTIFICATION, "application/cloudevents+json"),
        ([NOTIFICATION], "application/cloudevents-batch+json"),
        (LEGACY_NOTIFICATION, "application/json"),
    ],
)
def test_the_media_type_is_that_of_the_notification(
    notification: dict[str, object], content_type: str
) -> None:
    call = post_notification(notification)
    assert call.headers == {"content-type": content_type}
    assert isinstance(call.body, bytes)
    assert json.loads(call.body) == notification


def test_bytes_are_sent_as_they_are() -> None:
    call = post_notification(b'{"data":{}}', headers={"ce-id": "1"}, content_type="text/json")
    assert call.body == b'{"data":{}}'
    assert call.headers == {"ce-id": "1", "content-type": "text/json"}


def test_only_204_says_that_a_notification_is_stored() -> None:
    post_notification(NOTIFICATION).read(Answer(204, {}, b""))
    with pytest.raises(ValueError, match="not the answer of a sink"):
        post_notification(NOTIFICATION).read(Answer(200, {}, b"OK"))


@pytest.mark.parametrize(("rate", "allowed"), [("60", 60), ("*", None)])
def test_a_consent_has_the_rate_that_is_allowed(rate: str, allowed: int | None) -> None:
    call = request_consent("operator.example", rate=120)
    assert call.headers == {
        "webhook-request-origin": "operator.example",
        "webhook-request-rate": "120",
    }
    granted = {"webhook-allowed-origin": "operator.example", "webhook-allowed-rate": rate}
    assert call.read(Answer(200, granted, b"")) == Consent(
        allowed_origin="operator.example", allowed_rate=allowed
    )


def test_another_program_gives_no_consent() -> None:
    with pytest.raises(ValueError, match="not the answer of a sink"):
        request_consent("operator.example").read(Answer(200, {}, b""))
