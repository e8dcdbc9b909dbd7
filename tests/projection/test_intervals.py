"""The intervals of a device from its events, case by case."""

from datetime import datetime

import pytest

from receiver.events.axes import Axis
from receiver.events.event import Status
from receiver.projection.intervals import Interval, cut, keep, list_not_kept
from receiver.projection.status import NEVER_REPORTED, NOT_KEPT
from tests.support.facts import NOON, Told
from tests.support.intervals import DATA, GONE, at, end, event, intervals

INACTIVE = Status(update_reason="SUBSCRIPTION_INACTIVE")
ACTIVE = Status(update_reason="SUBSCRIPTION_ACTIVE")

Written = list[tuple[int, int | None, str | None]]


def written(found: list[Interval]) -> Written:
    """Returns minute by minute what lasted how long: a value, or why it is not known."""

    def minute(moment: datetime) -> int:
        return round((moment - NOON).total_seconds() / 60)

    return [
        (
            minute(one.from_at),
            None if one.to_at is None else minute(one.to_at),
            one.because or one.value,
        )
        for one in found
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([], [], id="nothing-was-reported"),
        pytest.param(
            [event(GONE, 4), event(DATA, 1), event(DATA, 2)],
            [(1, 4, "CONNECTED_DATA"), (4, None, "NOT_CONNECTED")],
            id="the-same-value-again-is-the-same-interval",
        ),
        pytest.param(
            [event(DATA, 1), end(5), event(DATA, 7)],
            [
                (1, 5, "CONNECTED_DATA"),
                (5, 7, "subscription-ended"),
                (7, None, "CONNECTED_DATA"),
            ],
            id="an-end-until-the-next-event",
        ),
        pytest.param(
            [event(DATA, 1), event(DATA, 3, subscription="s-2"), end(5), end(6, "s-2")],
            [(1, 6, "CONNECTED_DATA"), (6, None, "subscription-ended")],
            id="the-end-of-the-last-subscription-counts",
        ),
        pytest.param(
            [event(DATA, 1), event(GONE, 5), end(5)],
            [(1, 5, "CONNECTED_DATA"), (5, None, "subscription-ended")],
            id="of-one-moment-the-end-comes-last",
        ),
        pytest.param(
            [event(DATA, 1), event(INACTIVE, 5, "subscription-updated")],
            [(1, 5, "CONNECTED_DATA"), (5, None, "subscription-inactive")],
            id="inactive",
        ),
        pytest.param(
            [
                event(DATA, 1),
                event(INACTIVE, 5, "subscription-updated"),
                event(ACTIVE, 6, "subscription-updated"),
            ],
            [(1, None, "CONNECTED_DATA")],
            id="active-again",
        ),
        pytest.param(
            [end(1), event(DATA, 2)], [(2, None, "CONNECTED_DATA")], id="an-end-before-the-first"
        ),
        pytest.param(
            [event(DATA, 1, subscription="s-d"), event(GONE, 2, subscription="s-g"), end(5, "s-d")],
            [(1, 2, "CONNECTED_DATA"), (2, 5, "NOT_CONNECTED"), (5, None, "subscription-ended")],
            id="a-subscription-of-the-way-out-ends",
        ),
        pytest.param(
            [event(GONE, 2, subscription="s-g"), event(DATA, 3, subscription="s-d"), end(5, "s-d")],
            [(2, 3, "NOT_CONNECTED"), (3, None, "CONNECTED_DATA")],
            id="a-subscription-that-could-not-end-the-value-ends",
        ),
    ],
)
def test_points_make_intervals(events: list[Told], expected: Written) -> None:
    assert expected == written(intervals(*events))


def test_of_one_moment_the_greatest_counts_and_the_value_begins_anew() -> None:
    france = Status(roaming=True, country_name=("FR",))
    germany = Status(roaming=True, country_name=("DE",))
    found = intervals(
        event(france, 1, "roaming-change-country"),
        event(germany, 5, "roaming-status"),
        event(france, 5, "roaming-change-country"),
        axis=Axis.COUNTRY,
    )
    assert written(found) == [(1, 5, "FR"), (5, None, "FR")]


def test_an_interval_has_the_latest_event_that_says_it() -> None:
    first = event(Status(roaming=True, country_name=("FR",)), 1, "roaming-status")
    second = event(
        Status(roaming=True, country_code=208, country_name=("FR",)), 3, "roaming-status"
    )
    [found] = intervals(first, second, axis=Axis.COUNTRY)
    assert (found.from_at, found.country_code) == (at(1), 208)


HISTORY = [event(DATA, 10), event(GONE, 20), end(30)]


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (
            0,
            None,
            [
                (0, 10, "never-reported"),
                (10, 20, "CONNECTED_DATA"),
                (20, 30, "NOT_CONNECTED"),
                (30, None, "subscription-ended"),
            ],
        ),
        (12, 18, [(12, 18, "CONNECTED_DATA")]),
        (10, 20, [(10, 20, "CONNECTED_DATA")]),
        (20, 21, [(20, 21, "NOT_CONNECTED")]),
        (35, 40, [(35, 40, "subscription-ended")]),
        (0, 5, [(0, 5, "never-reported")]),
    ],
)
def test_a_cut_has_what_lies_between_two_moments(
    start: int, stop: int | None, expected: Written
) -> None:
    end_at = None if stop is None else at(stop)
    assert expected == written(cut(intervals(*HISTORY), at(start), end_at))


def test_a_cut_of_nothing_is_not_known() -> None:
    assert written(cut([], at(0), None)) == [(0, None, "never-reported")]


def test_a_cut_says_what_it_cut_and_why_the_value_was_lost() -> None:
    [data, gone] = cut(intervals(*HISTORY), at(12), at(30))
    assert (data.began_earlier, data.ends_later, data.ended_because) == (True, False, None)
    assert (gone.began_earlier, gone.ends_later) == (False, False)
    assert gone.ended_because == "subscription-ended"
    [gone] = cut(intervals(*HISTORY), at(20), at(29))
    assert (gone.began_earlier, gone.ends_later, gone.ended_because) == (False, True, None)


@pytest.mark.parametrize(("now", "seconds"), [(25, 900.0), (5, 0.0)])
def test_what_lasts_is_as_long_as_it_lasted_by_now(now: int, seconds: float) -> None:
    [found] = intervals(event(DATA, 10))
    assert found.seconds(at(now)) == seconds


def test_what_was_before_the_kept_time_is_not_kept() -> None:
    whole = intervals(event(DATA, 0), event(GONE, 10))
    assert keep(whole, at(5)) == [
        Interval(at(0), at(5), None, NOT_KEPT),
        Interval(at(5), at(10), "CONNECTED_DATA", began_earlier=True),
        Interval(at(10), None, "NOT_CONNECTED"),
    ]
    assert keep(whole, at(0)) == whole
    assert keep([], at(5)) == []


def test_the_time_before_the_first_event_is_never_reported_and_not_that_it_is_not_kept() -> None:
    assert list_not_kept(at(0), at(5), at(-5), None) == [
        Interval(at(-5), at(0), None, NEVER_REPORTED),
        Interval(at(0), at(5), None, NOT_KEPT),
    ]
    assert list_not_kept(at(0), at(5), at(2), at(3)) == [
        Interval(at(2), at(3), None, NOT_KEPT, began_earlier=True, ends_later=True)
    ]
