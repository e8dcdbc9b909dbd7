"""A status as words: the value, its tone, since when, and why it is not known."""

from datetime import timedelta
from typing import Any

import pytest

from receiver.api.console.values import (
    UNKNOWN_WORD,
    Told,
    name_device,
    say_event,
    say_length,
    tell_connectivity,
    tell_network_type,
    tell_roaming,
)
from receiver.api.questions.examples import STATUS
from receiver.events.families.connectivity import CONNECTIVITIES
from receiver.events.families.network_type import NETWORK_TYPES
from receiver.projection.status import UnknownReason

SINCE = "2026-04-17T07:31:01.416474Z"

DEVICE = "8cda3c0f-c593-5077-85a7-c6b4f37c1bb4"


def known(value: object, **more: object) -> dict[str, Any]:
    return {"value": value, "since": SINCE, **more}


def unknown(because: str, last: dict[str, Any] | None = None) -> dict[str, Any]:
    members = {"unknown": True, "because": because}
    return (
        members if last is None else {**members, "at": "2026-04-18T00:00:00.000000Z", "last": last}
    )


def test_the_documented_status_is_told() -> None:
    assert tell_connectivity(STATUS["connectivity"]) == Told(
        "Unknown", "unknown", "was Data until its subscription ended 2026-04-17 08:00:00"
    )
    assert tell_roaming(STATUS["roaming"]) == Told(
        "Roaming, France", "some", "since 2026-04-17 07:31:01"
    )
    assert tell_network_type(STATUS["networkType"]) == Told(
        "Unknown", "unknown", "no event has told it"
    )


@pytest.mark.parametrize("value", sorted(CONNECTIVITIES))
def test_every_connectivity_has_a_word_of_its_own(value: str) -> None:
    told = tell_connectivity(known(value))
    assert told.word not in {value, UNKNOWN_WORD}
    assert told.tone != "unknown"


def test_only_what_is_not_reached_is_bad() -> None:
    tones = {value: tell_connectivity(known(value)).tone for value in CONNECTIVITIES}
    assert [value for value, tone in tones.items() if tone == "bad"] == ["NOT_CONNECTED"]


@pytest.mark.parametrize("value", sorted(NETWORK_TYPES))
def test_a_known_network_type_is_never_told_as_unknown(value: str) -> None:
    told = tell_network_type(known(value))
    assert (told.word == UNKNOWN_WORD, told.tone == "unknown") == (False, False)


@pytest.mark.parametrize("tell", [tell_connectivity, tell_network_type])
def test_a_word_of_a_sender_s_own_is_shown_as_it_is(tell: Any) -> None:
    assert tell(known("<b>6G</b>")).word == "<b>6G</b>"


def test_at_home_no_country_is_told() -> None:
    assert tell_roaming(known(False)) == Told("Home network", "good", "since 2026-04-17 07:31:01")


def test_roaming_in_a_country_that_nobody_told_is_roaming() -> None:
    assert tell_roaming(known(True)).word == "Roaming"


@pytest.mark.parametrize("reason", UnknownReason.__value__.__args__)
@pytest.mark.parametrize("tell", [tell_connectivity, tell_network_type, tell_roaming])
def test_every_reason_of_the_unknown_is_a_sentence(tell: Any, reason: str) -> None:
    told = tell(unknown(reason))
    assert (told.word, told.tone) == (UNKNOWN_WORD, "unknown")
    assert reason not in told.note


def test_what_was_known_last_is_told_with_its_end() -> None:
    last = known(True, countryCode=262, countryName=["DE"])
    assert tell_roaming(unknown("subscription-inactive", last)).note == (
        "was Roaming, Germany until its subscription became inactive 2026-04-18 00:00:00"
    )


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ({"phoneNumber": "+99999991000", "ipv6Address": "2001:db8::1"}, "+99999991000"),
        ({"networkAccessIdentifier": "a@b.example"}, "a@b.example"),
        ({"ipv4Address": {"publicAddress": "192.0.2.1"}}, "192.0.2.1"),
        ({"ipv6Address": "2001:db8::1"}, "2001:db8::1"),
        ({}, "8cda3c0f"),
    ],
)
def test_a_device_is_named_as_its_event_does(device: dict[str, Any], name: str) -> None:
    assert name_device({"device": device, "deviceId": DEVICE}) == name


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({}, ""),
        ({"connectivity": "CONNECTED_SMS"}, "SMS only"),
        ({"roaming": False}, "Home network"),
        ({"roaming": True, "countryCode": 208, "countryName": ["FR"]}, "Roaming, France"),
        ({"countryCode": 262}, "country 262"),
        ({"connectedNetworkType": "5G"}, "5G"),
        ({"terminationReason": "MAX_EVENTS_REACHED"}, "max events reached"),
        ({"updateReason": "SUBSCRIPTION_ACTIVE"}, "subscription active"),
    ],
)
def test_an_event_says_its_value_in_words(status: dict[str, Any], words: str) -> None:
    assert say_event({"status": status}) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0.4 s"),
        (42.4, "42 s"),
        (60, "1 min"),
        (1361.9, "22 min 42 s"),
        (3600, "1 h"),
        (13_200, "3 h 40 min"),
        (86_400 * 7, "7 d"),
        (86_400 * 2 + 30, "2 d"),
        (-30, "30 s early"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert say_length(timedelta(seconds=seconds)) == words
