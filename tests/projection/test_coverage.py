"""From when on nobody would tell that a value ended."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from receiver.events.axes import Axis
from receiver.projection.coverage import find_uncovering, is_uncovered, list_losses
from receiver.projection.ledger import Subscription
from tests.support.facts import NOON


def subscription(names: Collection[str], first: int, end: int | None = None) -> Subscription:
    ended_at = None if end is None else (NOON + timedelta(minutes=end), b"", None)
    return Subscription(frozenset(names), NOON + timedelta(minutes=first), end=ended_at)


def uncovered_at(axis: Axis, value: str, *subscriptions: Subscription) -> list[int]:
    """Returns the minutes of the closings that uncover a value."""
    closings = find_uncovering(axis, value, list_losses(subscriptions))
    return [round((closing.at - NOON).total_seconds() / 60) for closing in closings]


DATA, SMS, GONE = "connectivity-data", "connectivity-sms", "connectivity-disconnected"


@pytest.mark.parametrize(
    ("value", "lost", "kept", "minutes"),
    [
        # No other subscription of the axis is open.
        ("CONNECTED_DATA", {DATA}, {"roaming-on"}, [9]),
        # What would end the value was told by the ended one alone.
        ("CONNECTED_DATA", {DATA, GONE}, {DATA, SMS}, [9]),
        ("CONNECTED_DATA", {SMS}, {DATA, GONE}, [9]),
        # It is told by an open one as well.
        ("CONNECTED_DATA", {DATA, GONE}, {SMS, GONE}, []),
        # The ended one never told it.
        ("CONNECTED_DATA", {DATA}, {DATA}, []),
        ("NOT_CONNECTED", {GONE}, {DATA}, []),
        ("NOT_CONNECTED", {DATA}, {GONE}, [9]),
    ],
)
def test_a_closing_uncovers_a_value_whose_end_nobody_else_tells(
    value: str, lost: set[str], kept: set[str], minutes: list[int]
) -> None:
    ended, other = subscription(lost, 0, end=9), subscription(kept, 1)
    assert minutes == uncovered_at(Axis.CONNECTIVITY, value, ended, other)


@pytest.mark.parametrize(
    ("axis", "value", "lost", "kept", "is_uncovered"),
    [
        (Axis.ROAMING, "true", {"roaming-off"}, {"roaming-on"}, True),
        (Axis.ROAMING, "true", {"roaming-off"}, {"roaming-status"}, False),
        (Axis.ROAMING, "true", {"roaming-on"}, {"roaming-off"}, False),
        (Axis.ROAMING, "false", {"roaming-off"}, {"roaming-on"}, False),
        (Axis.COUNTRY, "FR", {"roaming-change-country"}, {"roaming-status"}, True),
        (Axis.COUNTRY, "FR", {"roaming-status"}, {"roaming-change-country"}, True),
        (Axis.COUNTRY, "", {"roaming-change-country"}, {"roaming-status"}, False),
        (Axis.NETWORK_TYPE, "5G", {"network-type-changed"}, {"network-type-changed"}, False),
    ],
)
def test_each_value_has_its_own_ways_out(
    axis: Axis, value: str, lost: set[str], kept: set[str], is_uncovered: bool
) -> None:
    ended, other = subscription(lost, 0, end=9), subscription(kept, 0)
    assert is_uncovered == bool(uncovered_at(axis, value, ended, other))


@pytest.mark.parametrize(
    ("first", "end", "minutes"), [(9, None, []), (10, None, [9]), (0, 9, [9, 9])]
)
def test_only_what_is_open_at_that_moment_covers(
    first: int, end: int | None, minutes: list[int]
) -> None:
    ended, other = subscription({GONE}, 0, end=9), subscription({GONE}, first, end)
    assert minutes == uncovered_at(Axis.CONNECTIVITY, "CONNECTED_DATA", ended, other)


def test_a_subscription_is_covered_by_what_tells_the_same_now() -> None:
    ended = Subscription(frozenset({"roaming-on"}), NOON, None, (NOON, b"", None))
    alike = Subscription(frozenset({"roaming-status"}), NOON - timedelta(minutes=1))
    later = alike._replace(first_at=NOON + timedelta(minutes=5))
    other = alike._replace(names=frozenset({"connectivity-data"}))
    moment = NOON + timedelta(minutes=4)
    for others, uncovered in (([ended], True), ([alike], False), ([later], True), ([other], True)):
        assert is_uncovered(ended, others, moment) is uncovered
    assert not is_uncovered(ended, [later], moment + timedelta(minutes=1))
    assert not is_uncovered(alike, [], moment)
