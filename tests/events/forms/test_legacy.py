"""What the legacy form is lifted to, in every variety that was published."""

import json
from datetime import UTC, datetime

import pytest

from receiver.errors import NotificationRefused
from receiver.events.event import Event, Form, Kind, Status
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand
from tests.support.paths import SAMPLES

ARRIVAL = datetime(2026, 3, 4, tzinfo=UTC)


def _sample(name: str) -> Event:
    return understand(read_structured((SAMPLES / f"{name}.json").read_bytes()), ARRIVAL)


def _event(
    event_type: object, detail: object, event: dict[str, object] | None = None, **top: object
) -> Event:
    inner = {"eventType": event_type, "eventTime": "2023-06-17T08:18:23Z", "eventDetail": detail}
    body = {"eventSubscriptionId": "sub-1"} | top | {"event": inner | (event or {})}
    return understand(read_structured(json.dumps(body).encode()), ARRIVAL)


def test_reachable_does_not_say_by_what() -> None:
    event = _sample("legacy-connectivity")
    assert (event.form, event.kind) == (Form.LEGACY, Kind.CONNECTIVITY)
    assert (event.name, event.type) == ("connectivity", "CONNECTIVITY")
    assert (event.source, event.event_id) == (None, None)
    assert event.subscription_id == "meter-21-connectivity"
    assert datetime(2023, 6, 17, 8, 18, 23, 682000, UTC) == event.occurred_at
    assert Status(connectivity="CONNECTED") == event.status
    assert event.device.ipv4_public_port == 80
    assert "ipv4-address-wrapped" in event.findings


def test_numbers_and_names_in_unexpected_types_are_forgiven() -> None:
    event = _sample("legacy-roaming-status")
    assert (
        event.subscription_id,
        event.event_id,
    ) == ("218743", "c1fc3c5a-64c5-4a9e-8a60-5f0000000022")
    assert Status(roaming=True, country_code=33, country_name=("France", "MC")) == event.status
    expected = (
        "country-name-not-alpha-2",
        "phone-number-not-a-string",
        "phone-number-without-plus",
        "roaming-not-a-boolean",
        "subscription-id-not-a-string",
        "time-without-zone",
    )
    assert expected == event.findings


def test_a_termination_reason_outweighs_the_event_type() -> None:
    event = _sample("legacy-subscription-end")
    assert (event.kind, event.name) == (Kind.SUBSCRIPTION, "subscription-ends")
    assert event.type == "ROAMING_STATUS"
    assert Status(termination_reason="The subscriber withdrew consent") == event.status
    assert event.findings == ("phone-number-without-plus", "reason-unknown")


@pytest.mark.parametrize(
    ("event_type", "detail", "name", "status"),
    [
        ("ROAMING_STATUS", {"roaming": True}, "roaming-status", Status(roaming=True)),
        (
            "ROAMING_STATUS",
            {"roaming": False, "terminationReason": None},
            "roaming-status",
            Status(roaming=False),
        ),
        ("ROAMING_ON", {}, "roaming-on", Status(roaming=True)),
        ("ROAMING_OFF", {}, "roaming-off", Status(roaming=False)),
        (
            "ROAMING_CHANGE_COUNTRY",
            {"countryCode": 208},
            "roaming-change-country",
            Status(roaming=True, country_code=208),
        ),
        (
            "SUBSCRIPTION_ENDS",
            {"terminationReason": "SUBSCRIPTION_EXPIRED"},
            "subscription-ends",
            Status(termination_reason="SUBSCRIPTION_EXPIRED"),
        ),
        (
            "CONNECTIVITY",
            {"terminationReason": "NETWORK_TERMINATED", "deviceStatus": "REACHABLE"},
            "subscription-ends",
            Status(termination_reason="NETWORK_TERMINATED"),
        ),
        (
            "CONNECTIVITY",
            {"deviceStatus": "REACHABLE"},
            "connectivity",
            Status(connectivity="CONNECTED"),
        ),
        (
            "CONNECTIVITY",
            {"deviceStatus": "UNREACHABLE"},
            "connectivity-disconnected",
            Status(connectivity="NOT_CONNECTED"),
        ),
        (
            "DEVICE_STATUS_CHANGED",
            {"deviceStatus": "REACHABLE"},
            "connectivity",
            Status(connectivity="CONNECTED"),
        ),
        (
            "LOSS_OF_CONNECTIVITY",
            {},
            "connectivity-disconnected",
            Status(connectivity="NOT_CONNECTED"),
        ),
        (
            "UE_REACHABILITY",
            {"reachabilityType": "DATA"},
            "connectivity-data",
            Status(connectivity="CONNECTED_DATA"),
        ),
        (
            "UE_REACHABILITY",
            {"reachabilityType": "SMS"},
            "connectivity-sms",
            Status(connectivity="CONNECTED_SMS"),
        ),
        (
            "org.camaraproject.device-status.v0.roaming-on",
            {},
            "roaming-on",
            Status(roaming=True),
        ),
    ],
)
def test_every_legacy_event_type_is_lifted(
    event_type: str, detail: dict[str, object], name: str, status: Status
) -> None:
    event = _event(event_type, detail)
    assert (name, event_type, status) == (event.name, event.type, event.status)
    assert event.findings == ()


@pytest.mark.parametrize("event_type", ["CONNECTIVITY", "UE_REACHABILITY"])
def test_a_connectivity_event_that_says_nothing_is_kept(event_type: str) -> None:
    event = _event(event_type, {})
    assert (Kind.CONNECTIVITY, Status()) == (event.kind, event.status)
    assert event.findings == ("connectivity-missing",)


@pytest.mark.parametrize(
    ("event_type", "name"),
    [
        ("QOS_STATUS_CHANGED", "qos-status-changed"),
        ("AreaEntered", "area-entered"),
        ("org.camara.api.weather.RainEvent", "rain-event"),
    ],
)
def test_another_event_type_is_kept_whole(event_type: str, name: str) -> None:
    event = _event(event_type, {"device": {"phoneNumber": "+99999991000"}, "roaming": 17})
    assert (Kind.UNRECOGNISED, name, Status()) == (event.kind, event.name, event.status)
    assert event.device.phone_number == "+99999991000"


@pytest.mark.parametrize(
    ("top", "detail", "subscription_id"),
    [
        ({"eventSubscriptionId": "a", "subscriptionId": "b"}, {"subscriptionId": "c"}, "a"),
        ({"eventSubscriptionId": None, "subscriptionId": "b"}, {"subscriptionId": "c"}, "b"),
        ({"eventSubscriptionId": None}, {"subscriptionId": "c"}, "c"),
        ({"eventSubscriptionId": None}, {}, None),
    ],
)
def test_the_outer_subscription_id_is_preferred(
    top: dict[str, object], detail: object, subscription_id: str | None
) -> None:
    assert subscription_id == _event("ROAMING_ON", detail, {}, **top).subscription_id


def test_a_missing_time_is_stood_in_for() -> None:
    event = _event("ROAMING_ON", {}, {"eventTime": None})
    assert (event.occurred_at, event.findings) == (ARRIVAL, ("time-missing",))


@pytest.mark.parametrize(
    ("event_type", "detail", "event", "refusal"),
    [
        (None, {}, {}, "event.eventType: missing"),
        ("", {}, {}, "event.eventType: empty"),
        ({}, {}, {}, "event.eventType: must be a string"),
        ("ROAMING_ON", None, {}, "event.eventDetail: missing"),
        ("ROAMING_ON", [], {}, "event.eventDetail: must be an object"),
        ("ROAMING_ON", {"device": 1}, {}, "event.eventDetail.device: must be an object"),
        ("ROAMING_ON", {}, {"eventTime": 168700}, "event.eventTime: must be a string"),
        (
            "ROAMING_ON",
            {},
            {"eventTime": "17.6.2023"},
            "event.eventTime: not an RFC 3339 date-time",
        ),
        ("ROAMING_ON", {}, {"eventId": []}, "event.eventId: must be a string"),
        (
            "ROAMING_STATUS",
            {"roaming": "perhaps"},
            {},
            "event.eventDetail.roaming: must be true or false",
        ),
        (
            "CONNECTIVITY",
            {"deviceStatus": "SLEEPY"},
            {},
            "event.eventDetail.deviceStatus: must be one of REACHABLE, UNREACHABLE",
        ),
        (
            "DEVICE_STATUS_CHANGED",
            {"deviceStatus": 17},
            {},
            "event.eventDetail.deviceStatus: must be one of REACHABLE, UNREACHABLE",
        ),
        (
            "UE_REACHABILITY",
            {"reachabilityType": "FAX"},
            {},
            "event.eventDetail.reachabilityType: must be one of DATA, SMS",
        ),
    ],
)
def test_a_legacy_member_that_makes_no_sense_is_refused_by_name(
    event_type: object, detail: object, event: dict[str, object], refusal: str
) -> None:
    with pytest.raises(NotificationRefused) as refused:
        _event(event_type, detail, event)
    assert refusal == str(refused.value)


def test_a_senseless_subscription_id_refuses_a_known_type_only() -> None:
    assert _event("RAIN", {}, eventSubscriptionId=[]).subscription_id is None
    with pytest.raises(NotificationRefused) as refused:
        _event("ROAMING_ON", {}, eventSubscriptionId=[])
    assert str(refused.value) == "eventSubscriptionId: must be a string"
