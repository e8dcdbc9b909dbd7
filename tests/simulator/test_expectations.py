"""What to expect of a phone: known while its end would be told, else unknown and why."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from receiver.simulator.expectations import Document, expect
from receiver.simulator.told import Life, Told

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PHONE = "+999990000000001"
NEVER = {"unknown": True, "because": "never-reported"}
FRANCE = {"roaming": True, "countryCode": 208, "countryName": ["FR"]}
BELGIUM = {"roaming": True, "countryCode": 206, "countryName": ["BE"]}


def at(minute: int) -> str:
    return f"2026-01-05T12:{minute:02}:00.000000Z"


def event(minute: int, name: str, state: Mapping[str, object], subscription: str = "s-1") -> Told:
    return Told(PHONE, subscription, NOON + timedelta(minutes=minute), name, state, None)


def life(minute: int, life: Life, subscription: str = "s-1", device: str = PHONE) -> Told:
    name = f"subscription-{life}"
    return Told(device, subscription, NOON + timedelta(minutes=minute), name, {}, life)


def data(minute: int, subscription: str = "s-1") -> Told:
    state = {"connectivity": "CONNECTED_DATA"}
    return event(minute, "reachability-data", state, subscription)


def sms(minute: int, subscription: str = "s-1") -> Told:
    return event(minute, "reachability-sms", {"connectivity": "CONNECTED_SMS"}, subscription)


def lost(minute: int, subscription: str = "s-1") -> Told:
    state = {"connectivity": "NOT_CONNECTED"}
    return event(minute, "reachability-disconnected", state, subscription)


def only(*told: Told) -> Document:
    [document] = expect(told)
    return document


def test_a_value_holds_since_it_was_first_told_of_its_last_run() -> None:
    document = only(data(1), sms(2), data(3), data(5))
    assert document == {
        "device": {"phoneNumber": PHONE},
        "connectivity": {"value": "CONNECTED_DATA", "since": at(3)},
        "roaming": NEVER,
        "networkType": NEVER,
        "lastEventAt": at(5),
    }


def test_the_order_of_arrival_changes_nothing() -> None:
    told = [data(1), sms(2), life(4, Life.ENDED), data(6, "s-2"), lost(5, "s-2")]
    assert only(*told) == only(*reversed(told), *told)


def test_an_end_that_nobody_replaces_makes_the_value_unknown() -> None:
    document = only(data(1), life(4, Life.ENDED))
    assert document["connectivity"] == {
        "unknown": True,
        "because": "subscription-ended",
        "at": at(4),
        "last": {"value": "CONNECTED_DATA", "since": at(1)},
    }


def test_an_end_beside_a_subscription_that_tells_the_same_changes_nothing() -> None:
    told = [data(1), lost(2), data(3), life(9, Life.ENDED), lost(5, "s-2"), data(6, "s-2")]
    assert only(*told)["connectivity"] == {"value": "CONNECTED_DATA", "since": at(6)}


def test_the_end_of_what_tells_a_way_out_makes_the_value_unknown() -> None:
    told = [lost(1, "lost"), data(3, "data"), life(5, Life.ENDED, "lost")]
    assert only(*told)["connectivity"] == {
        "unknown": True,
        "because": "subscription-ended",
        "at": at(5),
        "last": {"value": "CONNECTED_DATA", "since": at(3)},
    }


def test_the_end_of_what_tells_how_it_became_so_leaves_it_known() -> None:
    told = [lost(1, "lost"), data(3, "data"), life(5, Life.ENDED, "data")]
    assert only(*told)["connectivity"] == {"value": "CONNECTED_DATA", "since": at(3)}


def test_what_is_told_again_after_an_end_is_known_again() -> None:
    told = [data(1), life(4, Life.ENDED), data(6, "s-2")]
    assert only(*told)["connectivity"] == {"value": "CONNECTED_DATA", "since": at(6)}


def test_inactive_is_an_end_until_it_is_active_again() -> None:
    told = [data(1), life(4, Life.INACTIVE)]
    connectivity = only(*told)["connectivity"]
    assert isinstance(connectivity, dict)
    assert (connectivity["because"], connectivity["at"]) == ("subscription-inactive", at(4))
    told.append(life(9, Life.ACTIVE))
    assert only(*told)["connectivity"] == {"value": "CONNECTED_DATA", "since": at(1)}


def test_a_country_stands_beside_a_roaming_that_is_true() -> None:
    told = [event(1, "roaming-status", FRANCE), event(3, "roaming-change-country", BELGIUM)]
    named = {name: BELGIUM[name] for name in ("countryCode", "countryName")}
    assert only(*told)["roaming"] == {"value": True, "since": at(1), **named}
    told.append(event(5, "roaming-off", {"roaming": False}))
    assert only(*told)["roaming"] == {"value": False, "since": at(5)}
    told.append(event(7, "roaming-on", {"roaming": True}))
    assert only(*told)["roaming"] == {"value": True, "since": at(7)}


def test_a_country_may_be_unknown_while_the_roaming_is_known() -> None:
    told = [
        event(1, "roaming-status", FRANCE, "status"),
        event(3, "roaming-change-country", BELGIUM, "country"),
        life(5, Life.ENDED, "country"),
    ]
    assert only(*told)["roaming"] == {"value": True, "since": at(1)}


def test_a_network_type_has_one_way_out() -> None:
    name = "network-type-changed"
    told = [event(1, name, {"networkType": "4G"}), event(2, name, {"networkType": "5G"})]
    assert only(*told)["networkType"] == {"value": "5G", "since": at(2)}
    ended = only(*told, life(3, Life.ENDED))["networkType"]
    assert isinstance(ended, dict)
    assert ended["because"] == "subscription-ended"


def test_what_names_no_device_is_of_the_one_phone_of_its_subscription() -> None:
    ended = life(4, Life.ENDED, device="s-1")
    [phone, nameless] = expect([data(1), ended])
    assert isinstance(phone["connectivity"], dict)
    assert phone["connectivity"]["because"] == "subscription-ended"
    assert nameless == {
        "subscriptionId": "s-1",
        "connectivity": NEVER,
        "roaming": NEVER,
        "networkType": NEVER,
        "lastEventAt": at(4),
    }
    other = Told("+999990000000002", "s-1", NOON, "reachability-sms", {}, None)
    phone, *_ = expect([data(1), ended, other])
    assert phone["connectivity"] == {"value": "CONNECTED_DATA", "since": at(1)}


def test_of_nothing_nothing_is_expected() -> None:
    assert list(expect([])) == []
