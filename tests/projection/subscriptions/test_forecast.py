"""The state of a subscription at a moment, and how much of it is left."""

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.projection.ledger import INACTIVE, Subscription
from receiver.projection.subscriptions import forecast
from receiver.projection.subscriptions.forecast import (
    NOTHING,
    Forecast,
    Moment,
    State,
    Tally,
    find_state,
)
from receiver.projection.subscriptions.registration import Registration
from tests.support.facts import NOON

OPEN = Subscription(frozenset({"roaming-on"}), NOON)
END = (NOON, b"", "NETWORK_TERMINATED")
UPDATE = (NOON, b"", INACTIVE)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EXPIRING = Registration(NOON, expires_at=NOON + DAY)
MOMENTS = st.lists(
    st.builds(
        Moment,
        st.sampled_from(["roaming-on", "roaming-off", "subscription-ended"]),
        st.integers(0, 1000).map(lambda hours: NOON + hours * HOUR),
        st.booleans(),
    ),
    max_size=20,
)


def paused(*hours: int) -> Tally:
    return forecast.count([Moment("roaming-on", NOON + each * HOUR, True) for each in hours], NOON)


@pytest.mark.parametrize(
    ("subscription", "registration", "after", "state"),
    [
        (OPEN, None, DAY, State.ACTIVE),
        (OPEN, EXPIRING, HOUR, State.ACTIVE),
        (OPEN, EXPIRING, DAY, State.OVERDUE),
        (OPEN._replace(end=END), EXPIRING, 2 * DAY, State.ENDED),
        (OPEN._replace(update=UPDATE), EXPIRING, HOUR, State.INACTIVE),
        (OPEN._replace(update=UPDATE), EXPIRING, DAY, State.OVERDUE),
        (OPEN._replace(update=UPDATE, end=END), None, HOUR, State.ENDED),
        (OPEN._replace(update=(NOON, b"", "SUBSCRIPTION_ACTIVE")), None, HOUR, State.ACTIVE),
    ],
)
def test_the_first_state_that_holds_is_the_answer(
    subscription: Subscription, registration: Registration | None, after: timedelta, state: State
) -> None:
    assert find_state(subscription, registration, NOTHING, NOON + after) is state


@pytest.mark.parametrize(
    ("hours", "silence_hours", "is_silent"),
    [
        ((0, 1, 2, 3, 4), 24, False),
        ((0, 1, 2, 3, 4), 25, True),
        ((0, 1, 2, 12, 13), 30, False),
        ((0, 1, 2, 12, 13), 31, True),
        ((0, 1, 2, 3), 1000, False),
        ((), 1000, False),
    ],
)
def test_silence_is_longer_than_three_times_the_rhythm_and_than_a_day(
    hours: Sequence[int], silence_hours: int, is_silent: bool
) -> None:
    tally = paused(*hours)
    now = (tally.last_at or NOON) + silence_hours * HOUR
    assert forecast.is_silent(tally, now) is is_silent
    state = State.SILENT if is_silent else State.ACTIVE
    assert find_state(OPEN, None, tally, now) is state


@given(MOMENTS, st.randoms(use_true_random=False))
def test_the_order_of_events_changes_no_count(moments: list[Moment], chance: random.Random) -> None:
    expected = forecast.count(moments, NOON + 20 * DAY)
    chance.shuffle(moments)
    assert forecast.count(moments, NOON + 20 * DAY) == expected


@given(MOMENTS, st.integers(0, 60))
def test_time_alone_ends_no_silence(moments: list[Moment], days: int) -> None:
    tally = forecast.count(moments, NOON)
    now = NOON + 42 * DAY + days * DAY
    assert not forecast.is_silent(tally, now) or forecast.is_silent(tally, now + DAY)


def test_events_about_the_subscription_are_not_charged() -> None:
    moments = [
        Moment("roaming-on", NOON, True),
        Moment("roaming-off", NOON + 9 * DAY, True),
        Moment("subscription-updated", NOON + 9 * DAY, False),
    ]
    tally = forecast.count(moments, NOON + 10 * DAY)
    assert (tally.total, tally.charged, tally.lately) == (3, 2, 1)


def test_a_forecast_says_what_is_left() -> None:
    tally = paused(0, 24, 72)._replace(lately=3)
    registration = Registration(NOON, expires_at=NOON + 10 * DAY, max_events=5)
    now = NOON + 4 * DAY
    assert forecast.forecast(OPEN, registration, tally, now) == Forecast(2, 6.0, 0.75)
    assert forecast.forecast(OPEN, None, tally, now) == Forecast(None, None, 0.75)
    old = OPEN._replace(first_at=NOON - 100 * DAY)
    assert forecast.forecast(old, None, tally, now) == Forecast(None, None, 3 / 7)


def test_what_was_not_counted_whole_forecasts_no_number() -> None:
    registration = Registration(NOON, max_events=5)
    left = forecast.forecast(OPEN, registration, paused(0)._replace(counted_since=NOON), NOON)
    assert left.events_left is None


def test_a_number_that_the_counted_events_reach_leaves_nothing() -> None:
    counted = paused(0, 1)._replace(counted_since=NOON)
    left = forecast.forecast(OPEN, Registration(NOON, max_events=2), counted, NOON)
    assert left.events_left == 0


@pytest.mark.parametrize(
    ("ago", "per_day"),
    [
        pytest.param(timedelta(minutes=1), 240.0, id="in one batch"),
        pytest.param(12 * HOUR, 20.0, id="half a day"),
        pytest.param(5 * DAY, 2.0, id="days"),
        pytest.param(30 * DAY, 10 / 7, id="longer than the time of the rate"),
    ],
)
def test_the_rate_of_the_latest_events_is_that_of_the_time_in_which_they_came(
    ago: timedelta, per_day: float
) -> None:
    old = OPEN._replace(first_at=NOON - 100 * DAY)
    tally = Tally({"roaming-on": 10}, 10, 10, NOON, None, NOON - ago)
    assert forecast.forecast(old, None, tally, NOON).rate_per_day == pytest.approx(per_day)


def test_a_number_that_was_passed_leaves_nothing() -> None:
    left = forecast.forecast(OPEN, Registration(NOON, max_events=2), paused(0, 1, 2), NOON + DAY)
    assert left.events_left == 0


@given(MOMENTS, MOMENTS, st.integers(0, 1000), st.randoms(use_true_random=False))
def test_counts_of_dropped_months_and_what_is_kept_are_the_whole(
    moments: Sequence[Moment], later: Sequence[Moment], hours: int, chance: random.Random
) -> None:
    until, now = NOON + hours * HOUR, NOON + 1001 * HOUR
    dropped = [moment for moment in moments if moment.at < until]
    kept = [moment for moment in moments if moment.at >= until]
    shuffled = chance.sample(dropped, len(dropped))
    whole = forecast.count(moments, now)._replace(lately=0)
    assert whole == forecast.count(kept, now, forecast.retire(shuffled))._replace(lately=0)
    # An event of a time whose months are dropped is counted, and shortens no pause.
    whole = forecast.count([*moments, *later], now)._replace(lately=0)
    found = forecast.count([*kept, *later], now, forecast.retire(dropped))._replace(lately=0)
    assert whole._replace(longest_pause=None) == found._replace(longest_pause=None)
    if whole.longest_pause is not None:
        assert found.longest_pause is not None
        assert found.longest_pause >= whole.longest_pause


@given(MOMENTS, st.integers(0, 1000), st.integers(0, 1000))
def test_counts_of_several_months_are_the_whole(
    moments: Sequence[Moment], first: int, second: int
) -> None:
    bounds = [NOON, *(NOON + hours * HOUR for hours in sorted((first, second)))]
    months = [
        [moment for moment in moments if begin <= moment.at < end]
        for begin, end in pairwise(bounds)
    ]
    kept = [moment for moment in moments if moment.at >= bounds[-1]]
    retired = [each for month in months for each in forecast.retire(month)]
    now = NOON + 1001 * HOUR
    found = forecast.count(kept, now, retired)._replace(lately=0)
    assert found == forecast.count(moments, now)._replace(lately=0)
