"""What was not told is named: suspected where an event is repeated, proven by a count."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.events.event import Status
from receiver.projection import ledger
from receiver.projection.ledger import Key, Subscription
from receiver.projection.subscriptions.forecast import Tally
from receiver.projection.subscriptions.gaps import Repeat, count_missing, find_repeats
from receiver.projection.subscriptions.registration import Registration
from tests.support.facts import DEVICES, NOON, Told, told

FRANCE = Status(roaming=True, country_code=208)
BELGIUM = Status(roaming=True, country_code=206)
ON, OFF = Status(roaming=True), Status(roaming=False)
DATA = Status(connectivity="CONNECTED_DATA")
GONE = Status(connectivity="NOT_CONNECTED")


def event(name: str, minute: int, status: Status, subscription: str) -> Told:
    return Told(DEVICES[0], subscription, name, status, minute, 0, 0)


def find(events: Sequence[Told]) -> dict[Key, list[Repeat]]:
    facts = [each.fact for each in events]
    return find_repeats(facts, ledger.fold(facts))


def on(minute: int, subscription: str = "on") -> Told:
    return event("roaming-on", minute, ON, subscription)


def off(minute: int) -> Told:
    return event("roaming-off", minute, OFF, "off")


def status(minute: int, said: Status) -> Told:
    return event("roaming-status", minute, said, "status")


def change(minute: int, said: Status) -> Told:
    return event("roaming-change-country", minute, said, "change")


@pytest.mark.parametrize(
    ("events", "repeated"),
    [
        pytest.param([off(0), on(1), on(5)], {"on": [(1, 5)]}, id="twice-on"),
        pytest.param([off(0), on(1), on(5), on(7)], {"on": [(1, 5), (5, 7)]}, id="three-times"),
        pytest.param([off(0), on(1), off(3), on(5)], {}, id="told-between"),
        pytest.param([on(1), on(5)], {}, id="nobody-tells-the-end"),
        pytest.param([on(1), on(5), off(9)], {}, id="the-end-is-told-of-later"),
        pytest.param(
            [off(0), event("subscription-ended", 3, Status(), "off"), on(1), on(5)],
            {},
            id="the-end-was-told-of-for-a-part",
        ),
        pytest.param([off(0), on(1, "a"), on(5, "b")], {}, id="another-subscription"),
        pytest.param([off(0), on(1), status(1, ON), on(1)], {}, id="in-parallel"),
        pytest.param([status(1, FRANCE), status(5, FRANCE)], {"status": [(1, 5)]}, id="status"),
        pytest.param([status(1, FRANCE), status(5, BELGIUM)], {}, id="another-country"),
        pytest.param(
            [status(0, OFF), status(1, FRANCE), change(3, BELGIUM), change(5, BELGIUM)],
            {"change": [(3, 5)]},
            id="the-same-country",
        ),
        pytest.param([change(3, BELGIUM), change(5, BELGIUM)], {}, id="home-is-not-told-of"),
        pytest.param(
            [
                event("connectivity-data", 0, DATA, "data"),
                event("connectivity-disconnected", 1, GONE, "gone"),
                event("connectivity-disconnected", 5, GONE, "gone"),
            ],
            {},
            id="messages-are-not-told-of",
        ),
        pytest.param(
            [
                event("connectivity", 1, Status(connectivity="CONNECTED"), "any"),
                event("connectivity-disconnected", 0, GONE, "gone"),
                event("connectivity", 5, Status(connectivity="CONNECTED"), "any"),
            ],
            {"any": [(1, 5)]},
            id="connected-twice",
        ),
    ],
)
def test_an_event_is_repeated_where_what_lies_between_would_have_been_told(
    events: Sequence[Told], repeated: dict[str, list[tuple[int, int]]]
) -> None:
    found = {
        subscription_id: [
            ((repeat.after - NOON) // timedelta(minutes=1), (repeat.until - NOON).seconds // 60)
            for repeat in repeats
        ]
        for (_, subscription_id), repeats in find(events).items()
    }
    assert found == repeated


HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_order_and_repetition_change_no_gap(events: list[Told], chance: random.Random) -> None:
    expected = find(events)
    again = events + chance.choices(events, k=len(events) // 2)
    chance.shuffle(again)
    assert find(again) == expected


def tally(charged: int) -> Tally:
    return Tally({"roaming-on": charged}, charged, 0, NOON, None, None)


ENDED = Subscription(frozenset(), NOON, None, (NOON, b"", "MAX_EVENTS_REACHED"))


@pytest.mark.parametrize(
    ("subscription", "registration", "counted", "missing"),
    [
        (ENDED, Registration(NOON, max_events=5), tally(3), 2),
        (ENDED, Registration(NOON, max_events=5), tally(5), 0),
        (ENDED, Registration(NOON, max_events=5), tally(6), 0),
        (ENDED, Registration(NOON, max_events=5), tally(3)._replace(counted_since=NOON), 0),
        (ENDED, Registration(NOON), tally(3), 0),
        (ENDED, None, tally(3), 0),
        (
            ENDED._replace(end=(NOON, b"", "SUBSCRIPTION_EXPIRED")),
            Registration(NOON, max_events=5),
            tally(3),
            0,
        ),
        (ENDED._replace(end=None), Registration(NOON, max_events=5), tally(3), 0),
    ],
)
def test_a_provider_that_counted_more_events_proves_that_some_are_missing(
    subscription: Subscription, registration: Registration | None, counted: Tally, missing: int
) -> None:
    assert count_missing(subscription, registration, counted) == missing
