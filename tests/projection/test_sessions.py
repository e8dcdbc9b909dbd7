"""Roaming sessions: where a device was while it roamed."""

from receiver.events.axes import Axis
from receiver.events.event import Status
from receiver.projection.sessions import Session, list_sessions
from tests.support.facts import Told
from tests.support.intervals import at, end, event, intervals

ON, OFF = Status(roaming=True), Status(roaming=False)
FRANCE = Status(roaming=True, country_code=208, country_name=("FR",))
GERMANY = Status(roaming=True, country_name=("DE", "AT"))
CHANGE = "roaming-change-country"


def sessions(*events: Told) -> list[Session]:
    return list_sessions(
        intervals(*events, axis=Axis.ROAMING), intervals(*events, axis=Axis.COUNTRY)
    )


def test_a_session_has_its_countries_and_an_end() -> None:
    [found] = sessions(
        event(OFF, 1, "roaming-status"),
        event(FRANCE, 5, "roaming-status"),
        event(GERMANY, 8, CHANGE),
        event(OFF, 9, "roaming-off"),
    )
    roaming = found.roaming
    assert (roaming.from_at, roaming.to_at, roaming.ended_because) == (at(5), at(9), None)
    assert list(found.stays) == [
        (at(5), at(8), 208, ("FR",)),
        (at(8), at(9), None, ("DE", "AT")),
    ]


def test_a_session_without_a_country_has_no_stay() -> None:
    [found] = sessions(event(ON, 5, "roaming-on"))
    assert (found.roaming.to_at, found.stays) == (None, [])


def test_a_session_that_nobody_tells_any_more_says_why() -> None:
    [found] = sessions(event(FRANCE, 5, "roaming-status"), end(7))
    assert (found.roaming.to_at, found.roaming.ended_because) == (at(7), "subscription-ended")
    assert list(found.stays) == [(at(5), at(7), 208, ("FR",))]


def test_a_country_that_nobody_tells_any_more_is_no_stay_while_roaming_is_known() -> None:
    [found] = sessions(
        event(ON, 1, "roaming-on", "s-on"),
        event(FRANCE, 2, CHANGE, "s-country"),
        event(OFF, 0, "roaming-off", "s-off"),
        end(4, "s-country"),
        event(OFF, 9, "roaming-off", "s-off"),
    )
    assert (found.roaming.from_at, found.roaming.to_at) == (at(1), at(9))
    assert list(found.stays) == [(at(2), at(4), 208, ("FR",))]


def test_each_time_abroad_is_a_session() -> None:
    told = [
        event(said, minute, name)
        for minute in (0, 10)
        for said, minute, name in (
            (ON, minute, "roaming-on"),
            (OFF, minute + 2, "roaming-off"),
        )
    ]
    assert [one.roaming.from_at for one in sessions(*told)] == [at(0), at(10)]
