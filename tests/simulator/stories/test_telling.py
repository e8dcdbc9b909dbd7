"""Stories: the same for a seed, never twice the same event, around the time that is asked for."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.events.event import Device, Kind
from receiver.simulator.notification import Notification
from receiver.simulator.stories.telling import tell_stories
from receiver.simulator.told import Life
from tests.support.reading import (
    UNTIL,
    body,
    by_device,
    occurred_at,
    told,
    understood,
)


@pytest.mark.parametrize(
    ("unusual", "expected"),
    [
        (False, "821bd7acfad9f68d0804bbebbc8f84f28eea473a5cf4ba24aa8e8ad1cc768efc"),
        (True, "22ca3642ffe6da45193cb3d93669e68b9a6c656ad4dfdf23479bb76a6f113dfd"),
    ],
)
def test_a_seed_always_sends_these_very_bytes(unusual: bool, expected: str) -> None:
    digest = hashlib.sha256()
    for notification in told(1, 300, unusual=unusual):
        digest.update(json.dumps(dict(notification.headers)).encode() + b"\n")
        digest.update(notification.body + b"\n")
    assert digest.hexdigest() == expected


@settings(deadline=None)  # a slow machine is no fault of the stories
@given(
    st.integers(0, 2**40),
    st.integers(1, 60),
    st.booleans(),
    st.integers(0, 40_000),
    st.integers(1, 40),
)
def test_another_end_moves_every_time_by_as_much_and_changes_nothing_else(
    seed: int, count: int, unusual: bool, hours: int, days: int
) -> None:
    offset = timedelta(hours=hours)
    told = list(tell_stories(seed, count, until=UNTIL, days=days, unusual=unusual))
    moved = list(tell_stories(seed, count, until=UNTIL + offset, days=days, unusual=unusual))
    assert len(told) == count
    assert [without_time(one) for one in told] == [without_time(one) for one in moved]
    assert [occurred_at(one) + offset for one in told] == [occurred_at(one) for one in moved]


def without_time(notification: Notification) -> tuple[bytes, object]:
    headers = {**notification.headers, "ce-time": ""}
    return re.sub(rb'"(time|eventTime)":"[^"]*"', b"", notification.body), headers


def test_different_seeds_share_no_number_and_no_id() -> None:
    def words(seed: int) -> set[str]:
        sent = told(seed, 400)
        ids = re.findall(rb"[0-9a-f]{8}-[0-9a-f-]{27}", b"".join(n.body for n in sent))
        return {n.device for n in sent} | {found.decode() for found in ids}

    seen: set[str] = set()
    for seed in (0, 1, 2, 3, 20260105, 2**64):
        assert not seen & words(seed)
        seen |= words(seed)


@pytest.mark.parametrize("unusual", [False, True])
def test_no_event_comes_twice(unusual: bool) -> None:
    sent = told(7, 2000, unusual=unusual)
    assert len({event.digest for event in map(understood, sent)}) == 2000


@pytest.mark.parametrize("unusual", [False, True])
def test_every_event_is_of_a_known_kind(unusual: bool) -> None:
    kinds = {understood(notification).kind for notification in told(8, 1000, unusual=unusual)}
    assert set(Kind) - {Kind.UNRECOGNISED} == kinds


def test_every_usual_notification_is_found_by_the_number_of_its_story() -> None:
    for notification in told(4, 1000):
        assert re.fullmatch(r"\+99999[0-9]{10}", notification.device)
        assert understood(notification).device.phone_number == notification.device


def test_of_the_unusual_ones_some_name_nothing_but_a_subscription() -> None:
    sent = told(4, 1000, unusual=True)
    nameless = [one for one in sent if not one.device.startswith("+")]
    assert 0 < len(nameless) < len(sent) / 3
    for notification in sent:
        event = understood(notification)
        assert notification.device == (event.device.phone_number or event.subscription_id)
        assert (notification in nameless) == (event.device == Device())
    assert any("data" not in body(notification) for notification in nameless)


@pytest.mark.parametrize("days", [1, 7, 60])
def test_stories_fill_the_days_until_their_end(days: int) -> None:
    sent = list(tell_stories(1, 2000, until=UNTIL, days=days, unusual=True))
    times = sorted(map(occurred_at, sent))
    start = UNTIL - timedelta(days=days)
    assert start <= times[0]
    assert UNTIL - timedelta(minutes=30) < times[-1] <= UNTIL
    quarters = Counter(int(4 * ((at - start) / (UNTIL - start))) for at in times)
    assert min(quarters[quarter] for quarter in range(4)) > 200


def test_events_are_sent_in_order_but_for_ends_that_are_told_late() -> None:
    late = 0
    for story in by_device(told(2, 3000)).values():
        latest = datetime.min.replace(tzinfo=UTC)
        for notification in story:
            [one] = notification.told
            if occurred_at(notification) < latest:
                assert one.life is Life.ENDED
                late += 1
            latest = max(latest, occurred_at(notification))
    assert late > 10


def test_some_stories_are_not_over_and_some_subscriptions_are_open() -> None:
    ended: defaultdict[str, bool] = defaultdict(bool)
    roaming: dict[str, object] = {}
    for notification in told(3, 3000):
        for one in notification.told:
            ended[one.subscription_id] |= one.life is Life.ENDED
            roaming[one.device] = one.state.get("roaming", roaming.get(one.device))
    assert 0.2 < sum(ended.values()) / len(ended) < 0.8
    assert 0.1 < list(roaming.values()).count(True) / len(roaming) < 0.5


def test_every_subscription_of_a_provider_that_tells_it_is_started_first() -> None:
    lives: defaultdict[str, list[Life | None]] = defaultdict(list)
    for notification in sorted(told(3, 3000, unusual=True), key=occurred_at):
        [one] = notification.told
        lives[one.subscription_id].append(one.life)
    started = [life for life in lives.values() if Life.STARTED in life]
    assert len(started) > 100
    assert {life[0] for life in started} == {Life.STARTED}
    assert {life.count(Life.STARTED) for life in started} == {1}
    assert any(Life.INACTIVE in life and Life.ACTIVE in life for life in started)
    assert any(Life.INACTIVE in life and Life.ACTIVE not in life for life in started)


def test_stories_of_several_devices_interleave() -> None:
    devices = [notification.device for notification in told(1, 400)]
    changes = sum(one != next_one for one, next_one in pairwise(devices))
    assert changes > 2 * len(set(devices))


def test_many_phones_are_told_of_a_thousand_at_a_time() -> None:
    sent = told(1, 30_000)
    assert len({notification.device for notification in sent}) > 1000
    assert len({notification.body for notification in sent}) == 30_000
