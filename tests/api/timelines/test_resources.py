"""What was when, as JSON."""

from datetime import date, timedelta

from receiver.api.answers.resource import Resource
from receiver.api.timelines.resources import write_days, write_interval, write_session
from receiver.events.axes import Axis
from receiver.projection.availability import Lengths
from receiver.projection.intervals import Interval
from receiver.projection.sessions import Session, Stay
from tests.support.intervals import at

FROM, TO = "2026-03-01T12:01:00.000000Z", "2026-03-01T12:03:00.000000Z"


def written(resource: Resource) -> dict[str, object]:
    return resource.model_dump(mode="json", by_alias=True, exclude_none=True)


def test_roaming_is_a_boolean_and_the_others_are_words() -> None:
    roaming = write_interval(Axis.ROAMING, Interval(at(1), at(3), "false"), at(9))
    assert written(roaming) == {"from": FROM, "to": TO, "seconds": 120.0, "value": False}
    network = write_interval(Axis.NETWORK_TYPE, Interval(at(1), None, "5G"), at(3))
    assert written(network) == {"from": FROM, "seconds": 120.0, "value": "5G"}


def test_an_unknown_interval_says_why() -> None:
    unknown = Interval(at(1), at(3), None, "subscription-inactive", ends_later=True)
    assert written(write_interval(Axis.CONNECTIVITY, unknown, at(9))) == {
        "from": FROM,
        "to": TO,
        "seconds": 120.0,
        "endsLater": True,
        "unknown": True,
        "because": "subscription-inactive",
    }


def test_a_stay_leaves_out_what_was_not_sent() -> None:
    roaming = Interval(at(1), at(3), "true", began_earlier=True)
    session = Session(roaming, [Stay(at(1), at(3), None, ("FR", "MC"))])
    assert written(write_session(session, at(9))) == {
        "from": FROM,
        "to": TO,
        "seconds": 120.0,
        "beganEarlier": True,
        "countries": [{"from": FROM, "to": TO, "countryName": ["FR", "MC"]}],
    }


def test_unknown_counts_neither_as_available_nor_as_not() -> None:
    hour = timedelta(hours=1) // timedelta(microseconds=1)
    lengths = Lengths(
        {None: 3 * hour, "CONNECTED": hour, "CONNECTED_SMS": hour, "NOT_CONNECTED": hour}
    )
    days = write_days({date(2026, 3, 1): lengths, date(2026, 3, 2): lengths})
    total = days["total"]
    assert isinstance(total, Resource)
    assert written(total) == {
        "availableSeconds": 4 * 3600.0,
        "unavailableSeconds": 2 * 3600.0,
        "unknownSeconds": 6 * 3600.0,
        "seconds": {"CONNECTED": 7200.0, "CONNECTED_SMS": 7200.0, "NOT_CONNECTED": 7200.0},
    }
