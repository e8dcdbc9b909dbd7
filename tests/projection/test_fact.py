"""When an event counts, and which of two decides."""

from datetime import timedelta

import pytest

from receiver.events.event import Status
from receiver.projection.fact import LEAST, Rank, after_all_at
from tests.support.facts import DEVICES, NOON, Told


def told(name: str = "roaming-status", delay: int = 0) -> Told:
    return Told(DEVICES[0], "s-1", name, Status(roaming=True), 0, delay, 0)


@pytest.mark.parametrize(("delay", "minute"), [(0, 0), (90, 0), (-5, 0), (-6, -6)])
def test_an_event_counts_at_its_arrival_where_its_time_is_too_far_ahead(
    delay: int, minute: int
) -> None:
    assert NOON + timedelta(minutes=minute) == told(delay=delay).fact.effective_at


@pytest.mark.parametrize(
    ("name", "told_name"),
    [
        ("roaming-on", "roaming-on"),
        ("reachability-sms", "connectivity-sms"),
        ("subscription-ended", None),
        ("area-entered", None),
    ],
)
def test_names_that_mean_the_same_are_told_as_one(name: str, told_name: str | None) -> None:
    assert told_name == told(name).fact.told_name


def test_of_one_moment_the_more_specific_event_decides() -> None:
    names = ["roaming-on", "roaming-status", "roaming-change-country"]
    ranks = [told(name).fact.rank for name in names]
    assert ranks == sorted(ranks)


def test_the_least_rank_is_below_and_the_end_of_a_moment_above_its_events() -> None:
    rank = told().fact.rank
    assert LEAST < rank < after_all_at(NOON) < Rank(NOON + timedelta(microseconds=1), 0, b"")
