"""Whatever shape a provider answers in, the same is registered."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from receiver.errors import InvalidArgument
from receiver.events.devices.identity import identify_reported
from receiver.events.event import Device
from receiver.projection.subscriptions.registering import read_answer
from receiver.projection.subscriptions.registration import Registration
from tests.support.facts import NAMESPACE, NOON

NUMBER = "+99999991000"
DEVICE = {"phoneNumber": NUMBER}
TYPE = "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status"
ENDS = "2026-05-17T07:00:00.500Z"


def read(answer: dict[str, Any], device: dict[str, Any] | None = None) -> tuple[str, Registration]:
    return read_answer(answer, device, namespace=NAMESPACE, registered_at=NOON)


EXPECTED = Registration(
    registered_at=NOON,
    starts_at=datetime(2026, 4, 17, 7, tzinfo=UTC),
    expires_at=datetime(2026, 5, 17, 7, 0, 0, 500_000, tzinfo=UTC),
    max_events=5,
    types=(TYPE,),
    device_id=UUID(identify_reported(NAMESPACE, Device(phone_number=NUMBER))),
    phone_number=NUMBER,
)
STARTS = {"startsAt": "2026-04-17T09:00:00+02:00"}
# CAMARA 0.5.x, 0.6.x, 0.7.x and 0.8.x, and Nokia before and after it followed CAMARA.
SHAPES: dict[str, dict[str, Any]] = {
    "0.5": {
        "subscriptionId": "s-1",
        "webhook": {"notificationUrl": "https://receiver.example", "notificationAuthToken": "x"},
        "subscriptionDetail": {"device": DEVICE, "type": TYPE},
        "subscriptionExpireTime": ENDS,
        "maxEvents": 5,
        **STARTS,
    },
    "0.6": {
        "subscriptionId": "s-1",
        "sink": "https://receiver.example",
        "protocol": "HTTP",
        "types": [TYPE],
        "config": {
            "subscriptionDetail": {"device": DEVICE},
            "subscriptionExpireTime": "2026-06-01T00:00:00Z",
            "subscriptionMaxEvents": 5,
            "initialEvent": True,
        },
        "sinkCredential": {"credentialType": "ACCESSTOKEN", "accessToken": "x"},
        "expiresAt": ENDS,
        **STARTS,
    },
    "0.8": {
        "id": "s-1",
        "sink": "https://receiver.example",
        "protocol": "HTTP",
        "types": [TYPE],
        "config": {
            "subscriptionDetail": {"device": DEVICE},
            "subscriptionExpireTime": ENDS,
            "subscriptionMaxEvents": 5,
        },
        "status": "ACTIVE",
        **STARTS,
    },
    "nokia-legacy": {
        "eventSubscriptionId": "s-1",
        "subscriptionDetail": {"type": TYPE, "ueId": {"msisdn": NUMBER.removeprefix("+")}},
        "webhook": {"notificationUrl": "https://receiver.example"},
        "maxNumberOfReports": 5,
        "expiresAt": ENDS,
        **STARTS,
    },
    "nokia": {
        "subscriptionId": "s-1",
        "types": TYPE,
        "subscriptionDetail": {"device": {"phoneNumber": "99999991000"}},
        "subscriptionMaxEvents": 5.0,
        "expiresAt": ENDS,
        **STARTS,
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read_alike(shape: str) -> None:
    assert read(SHAPES[shape]) == ("s-1", EXPECTED)


@pytest.mark.parametrize("answer", [{"id": "s-1"}, {"subscriptionId": "s-1"}])
def test_an_answer_that_names_the_subscription_alone_is_enough(answer: dict[str, Any]) -> None:
    assert read(answer) == ("s-1", Registration(NOON))


def test_an_id_that_is_a_number_is_that_number() -> None:
    assert read({"eventSubscriptionId": 123654})[0] == "123654"


def test_a_device_that_is_told_beside_the_answer_counts() -> None:
    _, found = read(SHAPES["0.8"], {"networkAccessIdentifier": "one@operator.example"})
    assert found.phone_number is None
    assert found.network_access_identifier == "one@operator.example"
    assert found.device_id not in (None, EXPECTED.device_id)


def test_a_device_in_the_answer_that_cannot_be_found_again_is_left_out() -> None:
    device = {"ipv4Address": {"publicAddress": "203.0.113.7", "publicPort": 80}}
    answer = {"id": "s-1", "config": {"subscriptionDetail": {"device": device}}}
    assert read(answer)[1].device_id is None


def test_an_expiry_far_away_is_one() -> None:
    _, found = read({"id": "s-1", "expiresAt": "9999-12-31T23:59:59Z"})
    assert found.expires_at == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({}, "subscription.id"),
        ({"subscriptionId": ["s-1"]}, "subscription.subscriptionId"),
        ({"id": "s-1", "config": {"subscriptionExpireTime": "x"}}, "config.subscriptionExpireTime"),
        ({"id": "s-1", "maxNumberOfReports": 0}, "subscription.maxNumberOfReports"),
        ({"id": "s-1", "types": [TYPE] * 21}, "subscription.types"),
        ({"id": "s-1", "types": ["x" * 513]}, "subscription.types"),
    ],
)
def test_a_member_without_a_meaning_is_named(answer: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        read(answer)


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ({"phoneNumber": "secret"}, "device.phoneNumber: not a phone number"),
        ({"networkAccessIdentifier": 7}, "device.networkAccessIdentifier"),
        ({"phoneNumber": NUMBER, "secret": 1}, "device: has a member"),
        ({"ipv6Address": "2001:db8::7"}, "device: needs"),
    ],
)
def test_a_device_without_a_lasting_identifier_is_refused(
    device: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message) as raised:
        read({"id": "s-1"}, device)
    assert "secret" not in str(raised.value)
