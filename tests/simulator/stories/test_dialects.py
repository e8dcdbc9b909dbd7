"""Dialects: what providers of each version really send, and nothing that they do not."""

from collections import Counter, defaultdict

import pytest

from receiver.events.registry import list_synonyms
from receiver.simulator.notification import Shape
from tests.support.reading import body, by_device, detail, event_type, told, understood

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
ATTRIBUTES = {"id", "source", "type", "specversion", "datacontenttype", "time"}
MEMBERS = {
    Shape.CLOUDEVENTS: [ATTRIBUTES | {"data"}, ATTRIBUTES],
    Shape.HYBRID: [ATTRIBUTES | {"data", "eventSubscriptionId", "event"}],
    Shape.LEGACY: [{"eventSubscriptionId", "event"}, {"subscriptionId", "event"}],
    Shape.FLAT: [{"subscriptionId", "eventType", "eventTime", "eventDetail"}],
}
MEDIA_TYPES = {
    Shape.CLOUDEVENTS: "application/cloudevents+json",
    Shape.HYBRID: "application/cloudevents+json",
    Shape.LEGACY: "application/json",
    Shape.FLAT: "application/json",
    Shape.BINARY: "application/json",
}


def test_each_shape_has_its_members_and_media_type() -> None:
    for notification in told(3, 1000, unusual=True):
        headers = notification.headers
        assert MEDIA_TYPES[notification.shape] == headers["content-type"]
        if notification.shape is Shape.BINARY:
            assert {f"ce-{name}" for name in ATTRIBUTES - {"datacontenttype"}} < headers.keys()
        else:
            assert body(notification).keys() in MEMBERS[notification.shape]
            assert headers.keys() == {"content-type"}


def test_a_source_names_its_subscription() -> None:
    for notification in told(3, 1000):
        if notification.shape in (Shape.CLOUDEVENTS, Shape.HYBRID):
            members = body(notification)
            source, subscription_id = members["source"], understood(notification).subscription_id
            assert source.startswith("https://simulator.invalid/")
            assert source.endswith(f"/subscriptions/{subscription_id}")
            assert members["data"].get("subscriptionId", subscription_id) == subscription_id


def test_the_newest_versions_name_one_identifier_at_most() -> None:
    stories = by_device(told(5, 1000)).values()
    newest = [
        story
        for story in stories
        if any(event_type(told).endswith(".subscription-started") for told in story)
    ]
    assert newest
    assert {1} == {len(detail(told)["device"]) for story in newest for told in story}


def test_the_events_of_a_subscriptions_life_may_name_no_device() -> None:
    named: defaultdict[str, set[bool]] = defaultdict(set)
    for notification in told(5, 2000, unusual=True):
        [one] = notification.told
        if notification.shape is Shape.CLOUDEVENTS:
            named[one.subscription_id].add("device" in detail(notification))
    assert sorted(map(sorted, named.values()))[0] == [False]
    assert [False, True] in map(sorted, named.values())


def test_readers_understand_what_the_story_says_they_do() -> None:
    for notification in told(5, 3000, unusual=True):
        [one] = notification.told
        event = understood(notification)
        assert one.device == (event.device.phone_number or event.subscription_id)
        assert (one.subscription_id, one.at) == (event.subscription_id, event.occurred_at)
        assert one.name in list_synonyms(event.name) or one.life is not None
        said = {
            "connectivity": event.status.connectivity,
            "roaming": event.status.roaming,
            "countryCode": event.status.country_code,
            "countryName": event.status.country_name and list(event.status.country_name),
            "networkType": event.status.connected_network_type,
        }
        assert one.state == {name: value for name, value in said.items() if value is not None}


@pytest.mark.parametrize("seed", [1, 2, 3, 99])
def test_three_thousand_hold_every_published_event(seed: int) -> None:
    types = Counter(event_type(notification) for notification in told(seed, 3000))
    roaming = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
    reachability = ("data", "sms", "disconnected")
    life_cycle = ("subscription-started", "subscription-updated", "subscription-ended")
    apis = {
        "device-status": (*roaming, *(f"connectivity-{end}" for end in reachability)),
        "roaming-status-subscriptions": roaming,
        "device-roaming-status-subscriptions": (*roaming, *life_cycle),
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
    legacy = {name.upper().replace("-", "_") for name in roaming}
    assert published | legacy | {"CONNECTIVITY", "SUBSCRIPTION_ENDS"} == types.keys()


@pytest.mark.parametrize("unusual", [False, True])
def test_the_receiver_forgives_what_a_dialect_is_known_for_and_nothing_else(unusual: bool) -> None:
    found: defaultdict[Shape, set[str]] = defaultdict(set)
    for notification in told(9, 1000, unusual=unusual):
        found[notification.shape].update(understood(notification).findings)
    legacy = {
        "ipv4-address-wrapped",
        "phone-number-without-plus",
        "public-port-not-an-integer",
    }
    assert legacy | ({"draft-form"} if unusual else set()) == found[Shape.LEGACY]
    assert found[Shape.HYBRID] == {"hybrid-form"}
    # What one version may leave out another asks for, and no notification says which it follows.
    assert found[Shape.CLOUDEVENTS] <= {"data-missing", "subscription-id-missing"}


def test_a_version_gives_no_reason_it_does_not_know() -> None:
    given = defaultdict(set)
    for notification in told(1, 12_000):
        reason = understood(notification).status.termination_reason
        if reason is not None:
            given[event_type(notification)].add(reason)
    first = {"SUBSCRIPTION_EXPIRED", "NETWORK_TERMINATED"}
    every = first | {"SUBSCRIPTION_DELETED", "MAX_EVENTS_REACHED", "ACCESS_TOKEN_EXPIRED"}
    for name, reasons in given.items():
        is_first = name.startswith("org.camaraproject.device-status.") or "." not in name
        assert reasons == (first if is_first else every), name


def test_a_country_comes_with_its_code() -> None:
    countries = set()
    for notification in told(6, 2000):
        said = detail(notification)
        if "countryCode" in said:
            (country,) = said["countryName"]
            assert MCC[country] == said["countryCode"]
            countries.add(country)
    assert len(countries) > 5


def test_nokia_ends_a_subscription_with_a_roaming_status() -> None:
    ends = [
        notification
        for notification in told(1, 1000)
        if event_type(notification) == "ROAMING_STATUS"
        and "terminationReason" in detail(notification)
    ]
    assert ends
    assert all("roaming" not in detail(end) for end in ends)
