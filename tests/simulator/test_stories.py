"""Stories: the same for a seed, never twice the same event, each of one phone in order."""

import hashlib
import json
import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.events.event import Device, Kind
from tests.support.reading import (
    body,
    by_device,
    detail,
    event_type,
    occurred_at,
    told,
    understood,
)


@pytest.mark.parametrize(
    ("unusual", "expected"),
    [
        (False, "ee942e1e193442bd636421ec94517eb8b8c8251217e32470601f70f63b0e1bc4"),
        (True, "4690167e3db22e4ccc7d531a8883c1191f39be7b371bf0c87ba7fb99401c2ed1"),
    ],
)
def test_a_seed_always_sends_these_very_bytes(unusual: bool, expected: str) -> None:
    digest = hashlib.sha256()
    for notification in told(1, 300, unusual=unusual):
        digest.update(json.dumps(dict(notification.headers)).encode() + b"\n")
        digest.update(notification.body + b"\n")
    assert digest.hexdigest() == expected


@settings(deadline=None)  # a slow machine is no fault of the stories
@given(st.integers(0, 2**40), st.integers(1, 60), st.booleans())
def test_a_count_is_a_prefix_of_every_longer_one(seed: int, count: int, unusual: bool) -> None:
    shorter = told(seed, count, unusual=unusual)
    assert len(shorter) == count
    assert shorter == told(seed, count + 37, unusual=unusual)[:count]


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


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_times_of_a_device_ascend_and_are_past(seed: int) -> None:
    for story in by_device(told(seed, 1500, unusual=True)).values():
        assert all(occurred_at(one) < occurred_at(next_one) for one, next_one in pairwise(story))
        assert all(datetime(2026, 1, 5, tzinfo=UTC) < occurred_at(told) for told in story)
        assert all(datetime(2026, 1, 7, tzinfo=UTC) > occurred_at(told) for told in story)


def test_stories_of_several_devices_interleave() -> None:
    devices = [notification.device for notification in told(1, 60)]
    changes = sum(one != next_one for one, next_one in pairwise(devices))
    assert changes > 2 * len(set(devices))


def test_a_phone_crosses_two_borders_and_comes_home() -> None:
    prefix = "org.camaraproject.roaming-status-subscriptions.v0.roaming"
    crossing = [told for told in told(1, 150) if event_type(told).startswith(prefix)]
    first, second, *_ = by_device(crossing).values()
    for story in (first, second):
        names = [event_type(told).rpartition(".")[2] for told in story]
        assert names == [
            "roaming-on",
            "roaming-status",
            "roaming-change-country",
            "roaming-off",
            "roaming-status",
        ]
        assert detail(story[1])["roaming"] is True
        assert detail(story[1])["countryCode"] != detail(story[2])["countryCode"]
        assert detail(story[4])["roaming"] is False
