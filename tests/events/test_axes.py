"""What an event says on each axis, and which events would end a value."""

import pytest

from receiver.events.axes import HOME, NAMES, TELLERS, WAYS_OUT, Axis, list_said, list_ways_out
from receiver.events.event import Status
from receiver.events.registry import FAMILIES, list_synonyms

VALUES = {
    Axis.CONNECTIVITY: ("CONNECTED_DATA", "CONNECTED_SMS", "CONNECTED", "NOT_CONNECTED"),
    Axis.ROAMING: ("true", "false"),
    Axis.COUNTRY: (HOME, "FR", "208"),
    Axis.NETWORK_TYPE: ("5G", "6G"),
}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status(), {}),
        (Status(connectivity="CONNECTED_SMS"), {Axis.CONNECTIVITY: "CONNECTED_SMS"}),
        (Status(roaming=True), {Axis.ROAMING: "true"}),
        (Status(roaming=False, country_code=208), {Axis.ROAMING: "false", Axis.COUNTRY: HOME}),
        (Status(country_code=208), {Axis.COUNTRY: "208"}),
        (Status(country_code=340, country_name=("GP", "MQ")), {Axis.COUNTRY: "GP"}),
        (Status(country_code=340, country_name=()), {Axis.COUNTRY: "340"}),
        (Status(connected_network_type="UNKNOWN"), {Axis.NETWORK_TYPE: "UNKNOWN"}),
    ],
)
def test_an_event_says_something_on_some_axes(status: Status, said: dict[Axis, str]) -> None:
    assert said == dict(list_said(status))


@pytest.mark.parametrize("axis", list(Axis))
def test_every_value_has_a_way_out_that_events_of_its_axis_tell(axis: Axis) -> None:
    for value in VALUES[axis]:
        ways = list_ways_out(axis, value)
        assert ways
        assert all(way <= TELLERS[axis] for way in ways)


def test_every_event_that_has_a_status_is_named_once_among_its_synonyms() -> None:
    """A new event of a family must be placed here, or its subscriptions cover nothing."""
    known = {
        name
        for family in FAMILIES
        for name in {*family.meanings, *family.legacy_meanings}
        if not name.startswith("subscription-")
    }
    named = {name: [each for each in list_synonyms(name) if each in NAMES] for name in known}
    assert [name for name, found in named.items() if len(found) != 1] == []


def test_names_keep_their_places() -> None:
    """Stored rows have a bit for each place."""
    assert NAMES[:9] == (
        "connectivity-data",
        "connectivity-sms",
        "connectivity-disconnected",
        "connectivity",
        "roaming-status",
        "roaming-on",
        "roaming-off",
        "roaming-change-country",
        "network-type-changed",
    )
    assert {name for way in WAYS_OUT for name in way.names} <= set(NAMES)
