"""Faults: mixed in from the seed, bounded, and nothing that was told is lost by them."""

import json
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.simulator.faults import mix_faults
from receiver.simulator.notification import Fault, Notification, Shape
from tests.support import reading

RESENT = (Fault.DUPLICATE, Fault.REORDERED, Fault.LATE)


COPIES = 450


def told(seed: int, count: int) -> list[Notification]:
    return reading.told(seed, count, unusual=True)


def with_fault(sent: list[Notification], fault: Fault) -> list[Notification]:
    found = [notification for notification in sent if notification.fault is fault]
    assert found
    return found


@pytest.fixture(scope="module")
def sent() -> list[Notification]:
    return list(mix_faults(told(1, 2550), 1, COPIES))


def test_about_one_in_five_has_a_fault(sent: list[Notification]) -> None:
    faults = Counter(notification.fault for notification in sent)
    assert faults.keys() == {None, *Fault}
    assert 0.17 < 1 - faults[None] / len(sent) < 0.23
    assert min(faults.values()) > 30


@settings(deadline=None)  # a slow machine is no fault of the stories
@given(st.integers(0, 2**40), st.integers(1, 80), st.integers(0, 20))
def test_nothing_told_is_lost_and_the_same_seed_has_the_same_faults(
    seed: int, count: int, copies: int
) -> None:
    stories = told(seed, count)
    sent = list(mix_faults(stories, seed, copies))
    assert sent == list(mix_faults(stories, seed, copies))
    assert len(sent) == count + copies
    delivered = Counter(one.body for one in sent if one.fault is None or one.fault in RESENT)
    twice = Counter(one.body for one in sent if one.fault is Fault.DUPLICATE)
    assert delivered - twice == Counter(one.body for one in stories)


def test_only_what_is_understood_tells_something(sent: list[Notification]) -> None:
    for notification in sent:
        tells = notification.fault is None or notification.fault in RESENT
        assert bool(notification.told) == tells


def test_a_duplicate_follows_what_it_repeats(sent: list[Notification]) -> None:
    told: list[Notification] = []
    for notification in sent:
        if notification.fault is Fault.DUPLICATE:
            assert replace(notification, fault=None) in told
        told.append(notification)


@pytest.mark.parametrize("fault", [Fault.REORDERED, Fault.LATE])
def test_what_is_held_back_is_overtaken(sent: list[Notification], fault: Fault) -> None:
    told_at = {one.body: position for position, one in enumerate(told(1, 2550))}
    overtaken = 0
    seen: defaultdict[str, int] = defaultdict(lambda: -1)
    for notification in sent:
        position = told_at.get(notification.body)
        if position is None:
            continue
        if notification.fault is fault and seen[notification.device] > position:
            overtaken += 1
        seen[notification.device] = max(seen[notification.device], position)
    assert overtaken > len(with_fault(sent, fault)) / 2


def test_what_is_malformed_is_no_json_and_never_empty(sent: list[Notification]) -> None:
    for notification in with_fault(sent, Fault.MALFORMED_JSON):
        assert notification.body
        with pytest.raises(ValueError, match=r"line 1 column"):
            json.loads(notification.body)


def test_what_is_impossible_is_json_all_the_same(sent: list[Notification]) -> None:
    shapes = set()
    for notification in with_fault(sent, Fault.IMPOSSIBLE_DATA):
        assert isinstance(json.loads(notification.body), dict)
        shapes.add(notification.shape)
    assert shapes == {Shape.CLOUDEVENTS, Shape.LEGACY}


def test_only_a_wrong_token_displaces_the_senders_own(sent: list[Notification]) -> None:
    for notification in sent:
        displaces = "authorization" in notification.headers
        assert displaces == (notification.fault is Fault.WRONG_TOKEN)
