"""Verdicts: named as readers know it, and what identifies the device."""

import json

import pytest

from receiver.api.questions.event_resources import EventResource
from receiver.checker.verdict import CheckedEvent, identified_by
from tests.support.bodies import event, understood

NUMBER = "+99999991000"


def test_no_member_is_named_otherwise_than_in_the_rest_resource() -> None:
    own = {"digest", "identified_by"}
    assert CheckedEvent.model_fields.keys() - EventResource.model_fields.keys() == own


@pytest.mark.parametrize(
    ("device", "subscription_id", "source", "expected"),
    [
        ({"phoneNumber": NUMBER, "ipv6Address": "2001:db8::1"}, "s", "//a", "phoneNumber"),
        ({"networkAccessIdentifier": "a@b"}, "s", "//a", "networkAccessIdentifier"),
        ({"networkAccessIdentifier": "[a b]"}, "s", "//a", "subscriptionId"),
        ({}, None, "//a/subscriptions/s", "subscriptionId"),
        ({"ipv6Address": "2001:db8::1"}, None, "//a", "ipv6Address"),
        (
            {"ipv4Address": {"publicAddress": "203.0.113.7", "publicPort": 80}},
            None,
            "//a",
            "ipv4Address",
        ),
        ({"ipv4Address": {"publicAddress": "203.0.113.7"}}, None, "//a", "source"),
    ],
)
def test_the_strongest_identifier_is_named(
    device: dict[str, object],
    subscription_id: str | None,
    source: str,
    expected: str,
) -> None:
    data = {"device": device, "subscriptionId": subscription_id}
    assert expected == identified_by(event("roaming-on", data, source=source))


def test_where_nothing_is_said_the_credential_identifies() -> None:
    said = {"eventType": "ROAMING_ON", "eventTime": "2026-03-02T10:00:00Z", "eventDetail": {}}
    assert identified_by(understood(json.dumps({"event": said}).encode())) == "credential"
