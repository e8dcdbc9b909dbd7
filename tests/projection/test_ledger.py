"""What the events of one subscription say about it."""

from datetime import timedelta

import pytest

from receiver.events.event import Status
from receiver.projection.ledger import Closing, Subscription, fold
from tests.support.facts import DEVICES, NOON, Told

INACTIVE = Status(update_reason="SUBSCRIPTION_INACTIVE")
ACTIVE = Status(update_reason="SUBSCRIPTION_ACTIVE")
DATA = Status(connectivity="CONNECTED_DATA")


def event(name: str, minute: int, status: Status | None = None, subscription: str = "s-1") -> Told:
    return Told(DEVICES[0], subscription, name, status or Status(), minute, 0, 0)


def subscription(*events: Told) -> Subscription:
    [found] = fold([each.fact for each in events]).values()
    return found


def minute(number: int) -> object:
    return NOON + timedelta(minutes=number)


def test_a_subscription_knows_its_names_start_and_first_event() -> None:
    found = subscription(
        event("connectivity-data", 5, DATA),
        event("subscription-started", 3),
        event("reachability-sms", 4, Status(connectivity="CONNECTED_SMS")),
    )
    assert found.names == {"connectivity-data", "connectivity-sms"}
    assert (found.first_at, found.started_at) == (minute(3), minute(3))


def test_subscriptions_are_told_apart_and_an_event_without_one_is_of_none() -> None:
    told = [event("roaming-on", 1, subscription=each) for each in ("s-1", "s-2")]
    alone = event("roaming-on", 1)._replace(subscription_id=None)
    assert {("operator", "s-1"), ("operator", "s-2")} == set(
        fold([each.fact for each in (*told, alone)])
    )


@pytest.mark.parametrize("name", ["subscription-ended", "subscription-ends"])
def test_the_latest_end_counts(name: str) -> None:
    found = subscription(event(name, 9), event(name, 7))
    assert found.closing == (minute(9), "subscription-ended")


def test_inactive_is_closed_until_it_is_active_again() -> None:
    inactive = event("subscription-updated", 4, INACTIVE)
    active = event("subscription-updated", 6, ACTIVE)
    assert subscription(inactive).closing == (minute(4), "subscription-inactive")
    assert subscription(active, inactive).closing is None


def test_the_earlier_of_two_closings_counts() -> None:
    found = subscription(event("subscription-updated", 4, INACTIVE), event("subscription-ended", 8))
    assert found.closing == Closing(NOON + timedelta(minutes=4), "subscription-inactive")


@pytest.mark.parametrize(("at", "is_open"), [(0, False), (1, True), (7, True), (8, False)])
def test_a_subscription_is_open_from_its_first_event_to_its_closing(at: int, is_open: bool) -> None:
    found = subscription(event("connectivity-data", 1, DATA), event("subscription-ended", 8))
    assert is_open == found.is_open_at(NOON + timedelta(minutes=at))
