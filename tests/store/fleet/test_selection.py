"""Which devices a question about the fleet means."""

from datetime import datetime, timedelta

import pytest

from receiver.events.axes import Axis
from receiver.events.event import Status
from receiver.projection import ledger, status
from receiver.projection.coverage import list_losses
from receiver.projection.fact import Fact
from receiver.projection.status import Answer
from receiver.store.fleet.selection import FleetSelection, find_country, is_unknown
from tests.support.facts import DEVICES, NOON, Told

ABROAD = Status(roaming=True, country_code=208, country_name=("FR", "MC"))


def fact(name: str, said: Status, minute: int = 0) -> Fact:
    return Told(DEVICES[0], "s-1", name, said, minute, 0, 0).fact


def answers(*facts: Fact) -> dict[Axis, Answer]:
    registers = status.fold(facts)
    subscriptions = list(ledger.fold(facts).values())
    return {
        axis: status.answer(axis, registers.get(axis), list_losses(subscriptions)) for axis in Axis
    }


ROAMS = [fact("roaming-status", ABROAD)]
ROAMED = [*ROAMS, fact("subscription-ends", Status(), 5)]
CAME_HOME = [*ROAMS, fact("roaming-off", Status(roaming=False), 1)]
SOMEWHERE = [fact("roaming-on", Status(roaming=True))]
CONNECTED = [
    fact("connectivity-data", Status(connectivity="CONNECTED_DATA")),
    fact("network-type-changed", Status(connected_network_type="5G")),
]


def admits(facts: list[Fact], **filters: object) -> bool:
    return FleetSelection(**filters).admits(answers(*facts), NOON)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "filters", "is_meant"),
    [
        (ROAMS, {}, True),
        (ROAMS, {"roaming": ("true",)}, True),
        (ROAMS, {"roaming": ("false",)}, False),
        (ROAMS, {"roaming": ("false", "true")}, True),
        # Unknown is neither.
        (ROAMED, {"roaming": ("false", "true")}, False),
        (CONNECTED, {"roaming": ("false", "true")}, False),
        (ROAMS, {"countries": ("FR",)}, True),
        (ROAMS, {"countries": ("DE", "MC")}, True),
        (ROAMS, {"countries": ("208",)}, True),
        (ROAMS, {"countries": ("DE",)}, False),
        (ROAMED, {"countries": ("FR",)}, False),
        (CAME_HOME, {"countries": ("FR",)}, False),
        (SOMEWHERE, {"countries": ("None",)}, False),
        (CONNECTED, {"connectivity": ("CONNECTED_DATA",), "network_types": ("5G", "4G")}, True),
        (CONNECTED, {"connectivity": ("CONNECTED_DATA",), "network_types": ("4G",)}, False),
        (CONNECTED, {"unknown": (Axis.ROAMING,)}, True),
        (CONNECTED, {"unknown": (Axis.CONNECTIVITY,)}, False),
        (CONNECTED, {"unknown": (Axis.CONNECTIVITY, Axis.COUNTRY)}, True),
        (ROAMED, {"unknown": (Axis.ROAMING,)}, True),
    ],
)
def test_values_of_a_filter_mean_or_and_filters_mean_and(
    facts: list[Fact], filters: dict[str, object], is_meant: bool
) -> None:
    assert admits(facts, **filters) is is_meant


@pytest.mark.parametrize(
    ("time_from", "time_to", "is_meant"),
    [
        (NOON, None, True),
        (None, NOON, False),
        (NOON - timedelta(hours=1), NOON + timedelta(microseconds=1), True),
        (NOON + timedelta(microseconds=1), None, False),
    ],
)
def test_a_range_of_time_has_its_beginning_and_not_its_end(
    time_from: datetime | None, time_to: datetime | None, is_meant: bool
) -> None:
    assert admits(ROAMS, last_event_from=time_from, last_event_to=time_to) is is_meant


@pytest.mark.parametrize(
    ("facts", "country", "is_unknown_"),
    [
        (ROAMS, 208, False),
        (ROAMED, None, True),
        (CAME_HOME, None, False),
        (SOMEWHERE, None, True),
        (CONNECTED, None, True),
    ],
)
def test_the_country_of_a_device_at_home_is_known(
    facts: list[Fact], country: int | None, is_unknown_: bool
) -> None:
    found = find_country(answers(*facts))
    assert (None if found is None else found.country_code) == country
    assert is_unknown(Axis.COUNTRY, answers(*facts)) is is_unknown_
