"""The status of a device from its events, case by case."""

from datetime import timedelta

import pytest

from receiver.events.axes import Axis
from receiver.events.event import Status
from receiver.projection import ledger, status
from receiver.projection.coverage import list_losses
from receiver.projection.status import Answer
from tests.support.facts import DEVICES, NOON, Told

ON = Status(roaming=True)
FRANCE = Status(roaming=True, country_code=208, country_name=("FR",))
OFF = Status(roaming=False)
DATA = Status(connectivity="CONNECTED_DATA")
GONE = Status(connectivity="NOT_CONNECTED")


def event(name: str, said: Status, minute: int, delay: int = 0) -> Told:
    return Told(DEVICES[0], "s-1", name, said, minute, delay, 0)


def ask(axis: Axis, *events: Told) -> tuple[Answer, int | None]:
    """Returns the answer on an axis, and the minute in which its value began."""
    facts = [each.fact for each in events]
    subscriptions = list(ledger.fold(facts).values())
    answer = status.answer(axis, status.fold(facts).get(axis), list_losses(subscriptions))
    since = status.find_beginning(axis, answer, facts)
    return answer, None if since is None else round((since - NOON).total_seconds() / 60)


def test_what_was_never_reported_is_not_known() -> None:
    answer, since = ask(Axis.NETWORK_TYPE, event("connectivity-data", DATA, 1))
    assert (answer.latest, answer.closing, since) == (None, None, None)


def test_a_value_begins_with_its_first_event_and_is_confirmed_by_its_latest() -> None:
    minutes = (1, DATA), (3, GONE), (5, DATA), (8, DATA)
    names = {DATA: "connectivity-data", GONE: "connectivity-disconnected"}
    answer, since = ask(
        Axis.CONNECTIVITY, *(event(names[said], said, minute) for minute, said in minutes)
    )
    assert answer.latest is not None
    assert (answer.latest.value, since) == ("CONNECTED_DATA", 5)
    assert answer.latest.rank.at == NOON + timedelta(minutes=8)


def test_a_value_that_never_changed_began_with_the_first_event() -> None:
    told = [event("connectivity-data", DATA, minute) for minute in (4, 2, 9)]
    assert ask(Axis.CONNECTIVITY, *told)[1] == 2


def test_roaming_on_says_nothing_of_the_country_and_roaming_off_ends_it() -> None:
    told = [event("roaming-status", FRANCE, 1), event("roaming-on", ON, 2)]
    answer, _ = ask(Axis.COUNTRY, *told)
    assert answer.latest is not None
    assert answer.latest[1:4] == ("FR", 208, ("FR",))
    answer, _ = ask(Axis.COUNTRY, *told, event("roaming-off", OFF, 3))
    assert answer.latest is not None
    assert answer.latest[1:4] == ("", None, None)


@pytest.mark.parametrize(("minute", "is_known"), [(5, False), (6, True)])
def test_a_value_told_after_the_end_is_known_again(minute: int, is_known: bool) -> None:
    answer, _ = ask(
        Axis.CONNECTIVITY,
        event("connectivity-data", DATA, 1),
        event("subscription-ended", Status(), 5),
        event("connectivity-data", DATA, minute),
    )
    assert is_known == (answer.closing is None)


def test_a_value_that_was_unknown_meanwhile_begins_anew() -> None:
    told = [
        event("connectivity-data", DATA, 1),
        event("subscription-ended", Status(), 5),
        event("connectivity-data", DATA, 7),
        event("connectivity-data", DATA, 9),
    ]
    assert ask(Axis.CONNECTIVITY, *told)[1] == 7


def test_an_event_whose_time_is_not_believed_counts_at_its_arrival() -> None:
    ahead = event("connectivity-data", DATA, 20, delay=-15)
    told = [event("connectivity-disconnected", GONE, 1), ahead, event("connectivity-data", DATA, 8)]
    assert ask(Axis.CONNECTIVITY, *told)[1] == 5
    answer, since = ask(Axis.CONNECTIVITY, *told[:2])
    assert answer.latest is not None
    assert (answer.latest.value, since) == ("CONNECTED_DATA", 5)


ABROAD = event("roaming-status", FRANCE, 1)
END = event("subscription-ended", Status(termination_reason="SUBSCRIPTION_EXPIRED"), 3)
# A second subscription: it tells of roaming, and of no change of country.
ON_AGAIN = event("roaming-on", ON, 4)._replace(subscription_id="s-2")


@pytest.mark.parametrize(
    ("events", "names"),
    [
        ([], None),
        ([event("roaming-off", OFF, 1)], None),
        ([event("roaming-on", ON, 1)], None),
        ([ABROAD], ("FR",)),
        ([ABROAD, event("roaming-off", OFF, 2)], None),
        # Home again since: where it roams now was not said.
        ([ABROAD, event("roaming-off", OFF, 2), event("roaming-on", ON, 4)], None),
        # Both are unknown: the country is that of the last known roaming.
        ([ABROAD, END], ("FR",)),
        # Roaming is known, and the country not any more.
        ([ABROAD, END, ON_AGAIN], None),
    ],
)
def test_a_country_belongs_to_the_roaming_that_is_told(
    events: list[Told], names: tuple[str, ...] | None
) -> None:
    country, roaming = (ask(axis, *events)[0] for axis in (Axis.COUNTRY, Axis.ROAMING))
    found = status.find_country(country, roaming)
    assert found is None if names is None else found is not None and found.country_name == names
