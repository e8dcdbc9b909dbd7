"""The forms of one event: each is what its providers write, and means the same to the receiver."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from receiver.simulator.notification import Shape
from receiver.simulator.stories.forms import (
    SimulatedEvent,
    Write,
    write_binary,
    write_flat,
    write_hybrid,
    write_legacy,
    write_legacy_draft,
    write_legacy_with_id,
    write_structured,
)
from tests.support.reading import understood

NUMBER = "+99999991000"
OCCURRED_AT = datetime(2026, 1, 5, 8, 30, 0, 123_456, tzinfo=UTC)

EVENT = SimulatedEvent(
    type="org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status",
    event_id="0f0e",
    occurred_at=OCCURRED_AT,
    subscription_id="sub-1",
    device_member={"device": {"phoneNumber": NUMBER}},
    members={"roaming": True, "countryCode": 208, "countryName": ["FR"]},
    has_subscription_id=True,
    has_data=True,
    device=NUMBER,
)
LEGACY = replace(EVENT, type="ROAMING_STATUS")
DRAFT = replace(LEGACY, device_member={"ueId": {"msisdn": NUMBER[1:]}})

CLOUDEVENTS = [write_structured, write_binary]
OLDER = [
    (write_legacy, LEGACY, Shape.LEGACY),
    (write_legacy_with_id, LEGACY, Shape.LEGACY),
    (write_legacy_draft, DRAFT, Shape.LEGACY),
    (write_flat, DRAFT, Shape.FLAT),
]


@pytest.mark.parametrize("write", CLOUDEVENTS)
def test_a_cloudevent_keeps_every_attribute_of_the_event(write: Write) -> None:
    read = understood(write(EVENT))
    assert (read.type, read.event_id) == (EVENT.type, EVENT.event_id)
    assert read.source == (
        "https://simulator.invalid/device-roaming-status-subscriptions/v0/subscriptions/sub-1"
    )
    assert (read.occurred_at, read.subscription_id) == (OCCURRED_AT, "sub-1")
    assert read.device.phone_number == NUMBER
    assert (read.status.roaming, read.status.country_code) == (True, 208)
    assert read.findings == ()


def test_both_modes_of_a_cloudevent_are_the_same_event() -> None:
    structured, binary = (understood(write(EVENT)) for write in CLOUDEVENTS)
    assert structured.digest == binary.digest


def test_binary_mode_has_the_attributes_in_headers_and_the_data_alone_in_the_body() -> None:
    notification = write_binary(EVENT)
    assert notification.headers["ce-id"] == "0f0e"
    assert notification.headers["content-type"] == "application/json"
    assert set(json.loads(notification.body)) == {
        "subscriptionId",
        "device",
        "roaming",
        "countryCode",
        "countryName",
    }
    assert write_binary(replace(EVENT, has_data=False)).body == b""


@pytest.mark.parametrize("write", CLOUDEVENTS)
def test_an_event_without_data_has_none(write: Write) -> None:
    read = understood(write(replace(EVENT, type="a.b.c.v0.roaming-on", has_data=False)))
    assert "data-missing" in read.findings


def test_data_may_leave_out_the_id_of_the_subscription() -> None:
    notification = write_structured(replace(EVENT, has_subscription_id=False))
    assert "subscriptionId" not in json.loads(notification.body)["data"]


@pytest.mark.parametrize(("write", "event", "shape"), OLDER)
def test_an_older_form_says_the_same_to_the_millisecond(
    write: Write, event: SimulatedEvent, shape: Shape
) -> None:
    notification = write(event)
    assert (notification.shape, notification.device) == (shape, NUMBER)
    read = understood(notification)
    assert read.occurred_at == OCCURRED_AT.replace(microsecond=123_000)
    assert (read.name, read.subscription_id) == ("roaming-status", "sub-1")
    assert read.device.phone_number == NUMBER
    assert (read.status.roaming, read.status.country_code) == (True, 208)


def test_only_the_form_with_an_id_has_an_id() -> None:
    assert understood(write_legacy_with_id(LEGACY)).event_id == "0f0e"
    assert understood(write_legacy(LEGACY)).event_id is None


def test_the_hybrid_repeats_itself_with_a_wrong_subscription_and_the_right_one_counts() -> None:
    notification = write_hybrid(EVENT)
    document = json.loads(notification.body)
    assert document["event"]["eventDetail"]["subscriptionId"] == "2001:db8::1"
    assert "roaming" not in document["data"]
    read = understood(notification)
    assert (read.subscription_id, read.status.roaming) == ("sub-1", True)
    assert read.findings == ("hybrid-form",)
