"""What every family forgives and refuses in the payload of its events."""

from datetime import UTC, datetime

import pytest

from receiver.events.event import Device, Kind, Status
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand
from tests.support import bodies


def test_a_roaming_status_names_every_country_of_its_code() -> None:
    event = bodies.sample("cloudevent-roaming-status")
    expected = Status(roaming=True, country_code=340, country_name=("BL", "GF", "GP", "MF", "MQ"))
    assert expected == event.status
    assert datetime(2026, 3, 2, 9, tzinfo=UTC) == event.occurred_at


def test_an_event_without_device_is_understood() -> None:
    event = bodies.sample("cloudevent-network-type-changed")
    assert (Device(), "net-04") == (event.device, event.subscription_id)
    assert Status(connected_network_type="5G") == event.status


def test_the_end_of_a_subscription_needs_no_country() -> None:
    event = bodies.sample("cloudevent-subscription-ended")
    assert (event.kind, event.findings) == (Kind.SUBSCRIPTION, ())
    assert Status(termination_reason="MAX_EVENTS_REACHED") == event.status


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("roaming-status", {"roaming": "perhaps"}, "data.roaming: must be true or false"),
        ("roaming-status", {"roaming": 17}, "data.roaming: must be true or false"),
        ("roaming-status", {"roaming": 1}, "data.roaming: must be true or false"),
        ("roaming-status", {"roaming": {}}, "data.roaming: must be true or false"),
        ("roaming-status", {"countryCode": -1}, "data.countryCode: out of range"),
        ("roaming-status", {"countryCode": 0}, "data.countryCode: out of range"),
        ("roaming-status", {"countryCode": "10000"}, "data.countryCode: out of range"),
        ("roaming-status", {"countryCode": True}, "data.countryCode: must be an integer"),
        ("roaming-status", {"countryCode": 208.0}, "data.countryCode: must be an integer"),
        ("roaming-status", {"countryCode": "FR"}, "data.countryCode: must be an integer"),
        ("roaming-status", {"countryName": 208}, "data.countryName: must be a list of strings"),
        ("roaming-status", {"countryName": {}}, "data.countryName: must be a list of strings"),
        ("roaming-status", {"countryName": ["FR", None]}, "data.countryName[1]: must be a string"),
        ("roaming-status", {"countryName": ["x" * 129]}, "data.countryName[0]: too long"),
        ("roaming-status", {"countryName": ["FR"] * 65}, "data.countryName: too many members"),
        (
            "roaming-change-country",
            {"device": {"countryCode": []}},
            "data.countryCode: must be an integer",
        ),
        (
            "network-type-changed",
            {"connectedNetworkType": 5},
            "data.connectedNetworkType: must be a string",
        ),
        (
            "subscription-ends",
            {"terminationReason": "x" * 257},
            "data.terminationReason: too long",
        ),
        (
            "subscription-updated",
            {"updateReason": True},
            "data.updateReason: must be a string",
        ),
    ],
)
def test_a_member_that_makes_no_sense_is_refused_by_name(
    name: str, data: object, refusal: str
) -> None:
    assert refusal == bodies.refusal(name, data)


@pytest.mark.parametrize(
    ("name", "data", "status", "findings"),
    [
        ("roaming-status", {}, Status(), ("roaming-missing",)),
        ("roaming-status", {"roaming": None}, Status(), ("roaming-missing",)),
        ("roaming-status", {"roaming": "true"}, Status(roaming=True), ("roaming-not-a-boolean",)),
        (
            "roaming-status",
            {"roaming": "false"},
            Status(roaming=False),
            ("roaming-not-a-boolean",),
        ),
        (
            "roaming-status",
            {"roaming": True, "countryCode": 901, "countryName": []},
            Status(roaming=True, country_code=901, country_name=()),
            (),
        ),
        (
            "roaming-status",
            {"roaming": True, "countryName": None},
            Status(roaming=True),
            (),
        ),
        (
            "roaming-status",
            {"roaming": True, "ountryName": ["DE"]},
            Status(roaming=True, country_name=("DE",)),
            ("country-name-misspelt",),
        ),
        (
            "roaming-status",
            {"roaming": True, "countryName": ["Finland", "SE"]},
            Status(roaming=True, country_name=("Finland", "SE")),
            ("country-name-not-alpha-2",),
        ),
        (
            "roaming-status",
            {"roaming": True, "device": {"countryCode": 208}, "countryCode": 262},
            Status(roaming=True, country_code=262),
            (),
        ),
        ("roaming-change-country", {}, Status(roaming=True), ("country-missing",)),
        ("roaming-on", {"countryCode": "nonsense"}, Status(roaming=True), ()),
        ("network-type-changed", {}, Status(), ("network-type-missing",)),
        (
            "network-type-changed",
            {"connectedNetworkType": "6G"},
            Status(connected_network_type="6G"),
            ("network-type-unknown",),
        ),
        ("subscription-ended", {}, Status(), ("reason-missing",)),
        (
            "subscription-ended",
            {"terminationReason": "NO_MORE_MONEY"},
            Status(termination_reason="NO_MORE_MONEY"),
            ("reason-unknown",),
        ),
        ("subscription-started", {"initiationReason": None}, Status(), ("reason-missing",)),
    ],
)
def test_what_is_absent_or_still_clear_is_forgiven(
    name: str, data: object, status: Status, findings: tuple[str, ...]
) -> None:
    event = bodies.event(name, data)
    assert (status, findings) == (event.status, event.findings)


def test_data_may_be_missing() -> None:
    event = understand(
        read_structured(bodies.cloudevent("roaming-on").replace(b'"data"', b'"nodata"')),
        bodies.ARRIVAL,
    )
    assert (Status(roaming=True), ("data-missing",)) == (event.status, event.findings)
