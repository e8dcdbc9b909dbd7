"""What a roaming event says of the device's country, what it forgives and what it leaves out."""

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
def test_on_and_off_keep_the_country_that_they_name(name: str, roaming: bool) -> None:
    country = {"countryCode": 358, "countryName": ["FI"]}
    expected = Status(roaming=roaming, country_code=358, country_name=("FI",))
    event = bodies.event(name, country | {"roaming": roaming})
    assert (expected, ("country-unexpected",)) == (event.status, event.findings)
    # The legacy form has one detail for all roaming events, and a country in it.
    event = bodies.legacy_event(name.upper().replace("-", "_"), country | {"roaming": roaming})
    assert (expected, ()) == (event.status, event.findings)


@pytest.mark.parametrize(("name", "roaming"), [("roaming-on", True), ("roaming-off", False)])
def test_on_and_off_say_what_their_name_says_whatever_else_they_hold(
    name: str, roaming: bool
) -> None:
    event = bodies.event(name, {"roaming": "nonsense", "countryCode": "nonsense"})
    assert Status(roaming=roaming) == event.status
    assert event.findings == ("country-code-malformed", "roaming-malformed")


@pytest.mark.parametrize(
    ("name", "said", "roaming"),
    [
        ("roaming-on", False, True),
        ("roaming-off", True, False),
        ("roaming-change-country", False, True),
    ],
)
def test_the_name_of_an_event_counts_and_a_contradiction_is_found(
    name: str, said: bool, roaming: bool
) -> None:
    country = {"countryCode": 208} if name == "roaming-change-country" else {}
    for event in (
        bodies.event(name, country | {"roaming": said}),
        bodies.legacy_event(name.upper().replace("-", "_"), country | {"roaming": said}),
    ):
        assert event.status.roaming is roaming
        assert event.findings == ("roaming-contradicts-name",)


def test_one_crossing_told_as_status_and_as_on_is_two_events() -> None:
    status = bodies.event("roaming-status", {"roaming": True, "countryCode": 208})
    on = bodies.event("roaming-on")
    assert status.digest != on.digest
    assert (status.status.roaming, on.status.roaming) == (True, True)


@pytest.mark.parametrize("roaming", ["perhaps", "yes", "", 17, 1, 0, 1.0, {}, []])
def test_a_roaming_that_is_neither_true_nor_false_is_left_out(roaming: object) -> None:
    event = bodies.event("roaming-status", {"roaming": roaming, "countryCode": 208})
    assert (Status(country_code=208), ("roaming-malformed",)) == (event.status, event.findings)


@pytest.mark.parametrize("name", ["roaming-status", "roaming-change-country"])
@pytest.mark.parametrize(
    "code", [0, -1, 20801, "10000", "0", "", "FR", [208], {}, True, 208.5, 1e300]
)
def test_a_country_code_that_is_none_costs_the_code_alone(name: str, code: object) -> None:
    event = bodies.event(name, {"roaming": True, "countryCode": code, "countryName": ["FR"]})
    assert Status(roaming=True, country_name=("FR",)) == event.status
    assert event.findings == ("country-code-malformed",)


def test_a_country_code_written_as_a_fraction_is_that_code() -> None:
    event = bodies.event("roaming-status", {"roaming": True, "countryCode": 208.0})
    assert (Status(roaming=True, country_code=208), ()) == (event.status, event.findings)
    assert type(event.status.country_code) is int


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (208, None),
        ({}, None),
        (True, None),
        ([None], None),
        ([208, {}], None),
        (["FR", None], ("FR",)),
        ([["FR"], "MC"], ("MC",)),
        (["x" * 129], None),
        (["FR"] * 65, ("FR",) * 64),
    ],
)
def test_a_country_name_that_is_none_costs_that_name_alone(
    names: object, kept: tuple[str, ...] | None
) -> None:
    data = {"roaming": True, "countryCode": 208, "countryName": names}
    event = bodies.event("roaming-status", data)
    assert Status(roaming=True, country_code=208, country_name=kept) == event.status
    assert event.findings == ("country-name-malformed",)


def test_a_change_of_country_whose_country_is_malformed_still_roams() -> None:
    event = bodies.event("roaming-change-country", {"countryCode": "FR"})
    assert (Status(roaming=True), ("country-code-malformed",)) == (event.status, event.findings)


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
            ("country-inside-device", "country-name-not-a-list", "device-without-identifier"),
        ),
        (
            {
                "device": {"phoneNumber": "+99999", "countryCode": 208, "countryName": ["FR"]},
                "countryCode": 262,
            },
            Status(roaming=True, country_code=262, country_name=("FR",)),
            ("country-inside-device",),
        ),
        (
            {"device": {"phoneNumber": "+99999", "countryCode": 208}, "countryCode": 262},
            Status(roaming=True, country_code=262),
            ("country-inside-device",),
        ),
        (
            {"countryCode": 208, "countryName": ["FR"], "ountryName": ["DE"]},
            Status(roaming=True, country_code=208, country_name=("FR",)),
            ("country-name-misspelt",),
        ),
    ],
)
def test_the_country_is_also_found_where_it_does_not_belong(
    data: dict[str, object], status: Status, findings: tuple[str, ...]
) -> None:
    event = bodies.event("roaming-status", {"roaming": True} | data)
    assert (status, findings) == (event.status, event.findings)
