"""Stories: the same for a seed, never twice the same event, and what providers really send."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.cli.stories import Notification, notifications
from receiver.events.event import Form

MCC = {
    "AT": 232,
    "BE": 206,
    "CH": 228,
    "CZ": 230,
    "DE": 262,
    "ES": 214,
    "FR": 208,
    "IT": 222,
    "NL": 204,
    "PL": 260,
}
FORM_MEMBERS = {
    Form.CLOUDEVENTS: {"id", "source", "type", "specversion", "datacontenttype", "time", "data"},
    Form.LEGACY: {"eventSubscriptionId", "event"},
}
MEDIA_TYPES = {
    Form.CLOUDEVENTS: "application/cloudevents+json",
    Form.LEGACY: "application/json",
}


def body(notification: Notification) -> dict[str, Any]:
    decoded = json.loads(notification.body)
    assert isinstance(decoded, dict)
    return decoded


def detail(notification: Notification) -> dict[str, Any]:
    """What is said of the device, wherever the form puts it."""
    members = body(notification)
    said = members["data"] if "data" in members else members["event"]["eventDetail"]
    assert isinstance(said, dict)
    return said


def event_type(notification: Notification) -> str:
    members = body(notification)
    return str(members["type"] if "type" in members else members["event"]["eventType"])


def occurred_at(notification: Notification) -> datetime:
    members = body(notification)
    time = members["time"] if "time" in members else members["event"]["eventTime"]
    return datetime.fromisoformat(time)


def by_device(sent: list[Notification]) -> dict[str, list[Notification]]:
    stories: defaultdict[str, list[Notification]] = defaultdict(list)
    for notification in sent:
        stories[notification.device].append(notification)
    return stories


def test_a_seed_always_sends_these_very_bytes() -> None:
    digest = hashlib.sha256()
    for notification in notifications(1, 200):
        digest.update(notification.media_type.encode() + b"\n" + notification.body + b"\n")
    assert digest.hexdigest() == "e5774c8c1ec681962f8da5e66843e52b82c839686c51d0fe8aa7f8fc1b4febea"


@settings(deadline=None)  # a slow machine is no fault of the stories
@given(st.integers(0, 2**40), st.integers(1, 150))
def test_a_count_is_a_prefix_of_every_longer_one(seed: int, count: int) -> None:
    shorter = list(notifications(seed, count))
    assert len(shorter) == count
    assert shorter == list(notifications(seed, count + 37))[:count]


def test_different_seeds_share_no_number_and_no_id() -> None:
    def words(seed: int) -> set[str]:
        sent = list(notifications(seed, 1000))
        ids = re.findall(rb"[0-9a-f]{8}-[0-9a-f-]{27}", b"".join(n.body for n in sent))
        return {n.device for n in sent} | {found.decode() for found in ids}

    seen: set[str] = set()
    for seed in (0, 1, 2, 3, 20260105, 2**64):
        assert not seen & words(seed)
        seen |= words(seed)


def test_no_event_comes_twice() -> None:
    identities = set()
    for notification in notifications(7, 5000):
        members = body(notification)
        identity = ("source", "id", "type", "time", "data", "eventSubscriptionId", "event")
        said = {name: members[name] for name in identity if name in members}
        identities.add(json.dumps(said, sort_keys=True))
    assert len(identities) == 5000


def test_each_form_has_its_members_and_media_type() -> None:
    for notification in notifications(3, 1000):
        assert FORM_MEMBERS[notification.form] == body(notification).keys()
        assert MEDIA_TYPES[notification.form] == notification.media_type
        if notification.form is Form.CLOUDEVENTS:
            members = body(notification)
            source, subscription_id = members["source"], members["data"]["subscriptionId"]
            assert source.startswith("https://simulator.invalid/")
            assert source.endswith(f"/subscriptions/{subscription_id}")
            assert members["specversion"] == "1.0"


def test_every_notification_carries_the_number_of_its_story() -> None:
    for notification in notifications(4, 1000):
        assert re.fullmatch(r"\+99999[0-9]{10}", notification.device)
        assert detail(notification)["device"]["phoneNumber"] == notification.device


def test_the_newest_versions_name_one_identifier_at_most() -> None:
    stories = by_device(list(notifications(5, 1000))).values()
    newest = [
        story
        for story in stories
        if any(event_type(told).endswith(".subscription-started") for told in story)
    ]
    assert newest
    assert {1} == {len(detail(told)["device"]) for story in newest for told in story}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_times_of_a_device_ascend_and_are_past(seed: int) -> None:
    for story in by_device(list(notifications(seed, 3000))).values():
        assert all(occurred_at(one) < occurred_at(next_one) for one, next_one in pairwise(story))
        assert all(datetime(2026, 1, 5, tzinfo=UTC) < occurred_at(told) for told in story)
        assert all(datetime(2026, 1, 7, tzinfo=UTC) > occurred_at(told) for told in story)


def test_stories_of_several_devices_interleave() -> None:
    devices = [notification.device for notification in notifications(1, 60)]
    changes = sum(one != next_one for one, next_one in pairwise(devices))
    assert changes > 2 * len(set(devices))


@pytest.mark.parametrize("seed", [1, 2, 3, 99])
def test_the_first_two_hundred_hold_every_published_event(seed: int) -> None:
    types = Counter(event_type(notification) for notification in notifications(seed, 200))
    device_status = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
    reachability = ("data", "sms", "disconnected")
    life_cycle = ("subscription-started", "subscription-updated", "subscription-ended")
    apis = {
        "device-status": (*device_status, *(f"connectivity-{end}" for end in reachability)),
        "roaming-status-subscriptions": device_status,
        "device-roaming-status-subscriptions": (*device_status, *life_cycle),
        "device-reachability-status-subscriptions": (
            *(f"reachability-{end}" for end in reachability),
            *life_cycle,
        ),
        "connected-network-type-subscriptions": ("network-type-changed", *life_cycle),
    }
    published = {
        f"org.camaraproject.{api}.v0.{name}"
        for api, names in apis.items()
        for name in (*names, "subscription-ends")
    }
    legacy = {name.upper().replace("-", "_") for name in device_status}
    assert published | legacy | {"CONNECTIVITY", "SUBSCRIPTION_ENDS"} == types.keys()


def test_a_country_comes_with_its_code() -> None:
    countries = set()
    for notification in notifications(6, 2000):
        said = detail(notification)
        if "countryCode" in said:
            (country,) = said["countryName"]
            assert MCC[country] == said["countryCode"]
            countries.add(country)
    assert len(countries) > 5


def test_a_phone_crosses_two_borders_and_comes_home() -> None:
    story = [
        told
        for told in notifications(1, 100)
        if event_type(told).startswith("org.camaraproject.roaming-status-subscriptions.v0.roaming")
    ]
    names = [event_type(told).rpartition(".")[2] for told in story]
    assert names[:5] == [
        "roaming-on",
        "roaming-status",
        "roaming-change-country",
        "roaming-off",
        "roaming-status",
    ]
    assert detail(story[1])["roaming"] is True
    assert detail(story[1])["countryCode"] != detail(story[2])["countryCode"]
    assert detail(story[4])["roaming"] is False


def test_nokia_ends_a_subscription_with_a_roaming_status() -> None:
    ends = [
        notification
        for notification in notifications(1, 200)
        if event_type(notification) == "ROAMING_STATUS"
        and "terminationReason" in detail(notification)
    ]
    assert ends
    assert all("roaming" not in detail(end) for end in ends)
