"""What a roaming event says of the device's country, what it forgives and what it refuses."""

import pytest

from receiver.events.event import Kind, Status
from tests.support import bodies


def test_a_roaming_status_says_all_it_can() -> None:
    """Guards the order in which its `Status` is built by position."""
    event = bodies.sample("cloudevent-roaming-status")
    expected = Status(roaming=True, country_code=340, country_name=("BL", "GF", "GP", "MF", "MQ"))
    assert (expected, Kind.ROAMING) == (event.status, event.kind)


def test_a_change_of_country_says_where() -> None:
    """Guards the order in which its `Status` is built by position."""
    event = bodies.event("roaming-change-country", {"countryCode": 208, "countryName": ["FR"]})
    expected = Status(roaming=True, country_code=208, country_name=("FR",))
    assert (expected, Kind.ROAMING) == (event.status, event.kind)


@pytest.mark.parametrize(("name", "roaming"), [("roaming-on", True), ("roaming-off", False)])
def test_on_and_off_name_no_country_whatever_else_they_hold(name: str, roaming: bool) -> None:
    event = bodies.event(name, {"roaming": "nonsense", "countryCode": "nonsense"})
    assert (Status(roaming=roaming), ()) == (event.status, event.findings)


def test_one_crossing_told_as_status_and_as_on_is_two_events() -> None:
    status = bodies.event("roaming-status", {"roaming": True, "countryCode": 208})
    on = bodies.event("roaming-on")
    assert status.digest != on.digest
    assert (status.status.roaming, on.status.roaming) == (True, True)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"roaming": "perhaps"}, "data.roaming: must be true or false"),
        ({"roaming": 17}, "data.roaming: must be true or false"),
        ({"roaming": 1}, "data.roaming: must be true or false"),
        ({"roaming": {}}, "data.roaming: must be true or false"),
        ({"countryCode": -1}, "data.countryCode: out of range"),
        ({"countryCode": 0}, "data.countryCode: out of range"),
        ({"countryCode": "10000"}, "data.countryCode: out of range"),
        ({"countryCode": True}, "data.countryCode: must be an integer"),
        ({"countryCode": 208.0}, "data.countryCode: must be an integer"),
        ({"countryCode": "FR"}, "data.countryCode: must be an integer"),
        ({"countryName": 208}, "data.countryName: must be a list of strings"),
        ({"countryName": {}}, "data.countryName: must be a list of strings"),
        ({"countryName": ["FR", None]}, "data.countryName[1]: must be a string"),
        ({"countryName": ["x" * 129]}, "data.countryName[0]: too long"),
        ({"countryName": ["FR"] * 65}, "data.countryName: too many members"),
        ({"device": {"countryCode": []}}, "data.countryCode: must be an integer"),
    ],
)
def test_a_member_that_makes_no_sense_is_refused_by_name(data: object, refusal: str) -> None:
    assert refusal == bodies.refusal("roaming-status", data)


def test_a_change_of_country_refuses_a_country_and_ignores_roaming() -> None:
    refusal = bodies.refusal("roaming-change-country", {"countryCode": "FR"})
    assert refusal == "data.countryCode: must be an integer"
    event = bodies.event("roaming-change-country", {"roaming": 17, "countryCode": 208})
    assert Status(roaming=True, country_code=208) == event.status


@pytest.mark.parametrize(
    ("data", "status", "findings"),
    [
        ({}, Status(), ("roaming-missing",)),
        ({"roaming": None}, Status(), ("roaming-missing",)),
        ({"roaming": "True"}, Status(roaming=True), ("roaming-not-a-boolean",)),
        ({"roaming": "false"}, Status(roaming=False), ("roaming-not-a-boolean",)),
        (
            {"roaming": True, "countryCode": 901, "countryName": []},
            Status(roaming=True, country_code=901, country_name=()),
            (),
        ),
        (
            {"roaming": True, "countryCode": 9999, "countryName": ["FR"] * 64},
            Status(roaming=True, country_code=9999, country_name=("FR",) * 64),
            (),
        ),
        (
            {"roaming": True, "countryCode": "208"},
            Status(roaming=True, country_code=208),
            ("country-code-not-an-integer",),
        ),
        ({"roaming": True, "countryName": None}, Status(roaming=True), ()),
        (
            {"roaming": True, "countryName": "FR"},
            Status(roaming=True, country_name=("FR",)),
            ("country-name-not-a-list",),
        ),
        (
            {"roaming": True, "countryName": ["Finland", "SE"]},
            Status(roaming=True, country_name=("Finland", "SE")),
            ("country-name-not-alpha-2",),
        ),
    ],
)
def test_a_status_that_is_still_clear_is_forgiven(
    data: object, status: Status, findings: tuple[str, ...]
) -> None:
    event = bodies.event("roaming-status", data)
    assert (status, findings) == (event.status, event.findings)


def test_a_change_of_country_without_country_is_forgiven() -> None:
    event = bodies.event("roaming-change-country", {})
    assert (Status(roaming=True), ("country-missing",)) == (event.status, event.findings)


@pytest.mark.parametrize(
    ("data", "status", "findings"),
    [
        (
            {"ountryName": ["DE"]},
            Status(roaming=True, country_name=("DE",)),
            ("country-name-misspelt",),
        ),
        (
            {"device": {"countryName": "FR", "countryCode": 208}},
            Status(roaming=True, country_code=208, country_name=("FR",)),
            ("country-inside-device", "country-name-not-a-list"),
        ),
        (
            {"device": {"countryCode": 208, "countryName": ["FR"]}, "countryCode": 262},
            Status(roaming=True, country_code=262, country_name=("FR",)),
            ("country-inside-device",),
        ),
        (
            {"device": {"countryCode": 208}, "countryCode": 262},
            Status(roaming=True, country_code=262),
            (),
        ),
    ],
)
def test_the_country_is_also_found_where_it_does_not_belong(
    data: dict[str, object], status: Status, findings: tuple[str, ...]
) -> None:
    event = bodies.event("roaming-status", {"roaming": True} | data)
    assert (status, findings) == (event.status, event.findings)
