"""Which event name each event type of the legacy form stands for, and what it then means."""

import pytest

from receiver.events.event import Kind, Status
from receiver.events.forms.legacy_names import find_name
from tests.support import bodies


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
            {"terminationReason": "NETWORK_TERMINATED"},
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
    event = bodies.legacy_event(event_type, detail)
    assert (name, event_type, status) == (event.name, event.type, event.status)
    assert event.findings == ()


@pytest.mark.parametrize("event_type", ["CONNECTIVITY", "UE_REACHABILITY"])
def test_a_connectivity_event_that_says_nothing_is_kept(event_type: str) -> None:
    event = bodies.legacy_event(event_type, {})
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
    event = bodies.legacy_event(
        event_type, {"device": {"phoneNumber": "+99999991000"}, "roaming": 17}
    )
    assert (Kind.UNRECOGNISED, name, Status()) == (event.kind, event.name, event.status)
    assert event.device.phone_number == "+99999991000"


def test_a_termination_reason_outweighs_the_event_type() -> None:
    event = bodies.sample("legacy-subscription-end")
    assert (event.kind, event.name) == (Kind.SUBSCRIPTION, "subscription-ends")
    assert event.type == "ROAMING_STATUS"
    assert Status(termination_reason="The subscriber withdrew consent") == event.status
    assert event.findings == ("phone-number-without-plus", "reason-unknown")


@pytest.mark.parametrize(
    ("event_type", "detail", "name"),
    [
        ("CONNECTIVITY", {"deviceStatus": "unreachable"}, "connectivity-disconnected"),
        ("UE_REACHABILITY", {"reachabilityType": "Sms"}, "connectivity-sms"),
        ("CONNECTIVITY", {"deviceStatus": "SLEEPY"}, "connectivity"),
        ("DEVICE_STATUS_CHANGED", {"deviceStatus": 17}, "connectivity"),
        ("UE_REACHABILITY", {"reachabilityType": []}, "connectivity"),
    ],
)
def test_capitals_do_not_decide_and_an_unknown_word_decides_nothing(
    event_type: str, detail: dict[str, object], name: str
) -> None:
    assert name == find_name(event_type, detail)
