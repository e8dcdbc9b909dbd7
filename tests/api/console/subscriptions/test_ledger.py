"""What pages say of a subscription."""

from datetime import UTC, datetime
from typing import Any

import pytest

from receiver.api.console.subscriptions.ledger import (
    PARTS,
    STATES,
    ask_for,
    count_events,
    describe_end,
    describe_gap,
    find_numbers,
    find_part,
    list_tags,
)
from receiver.projection.subscriptions.forecast import State

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DEVICE = "8cda3c0f-c593-5077-85a7-c6b4f37c1bb4"


def made(**members: Any) -> dict[str, Any]:
    return {"state": "active", "gaps": [], "deviceIds": [DEVICE], **members}


def test_every_state_has_its_word() -> None:
    assert STATES.keys() == set(State)


def test_an_unknown_part_is_the_first() -> None:
    assert find_part("nonsense") is PARTS[0]
    assert find_part("silent").key == "silent"


def test_parts_ask_with_filters_of_the_ledger() -> None:
    asked = {part.key: ask_for(part, NOW) for part in PARTS}
    assert asked["ending"] == [
        ("endsBefore", "2026-12-10T12:00:00+00:00"),
        ("state", "active"),
        ("state", "silent"),
        ("state", "inactive"),
    ]
    assert asked["uncovered"] == [("uncovered", "true")]
    assert asked["silent"] == [("state", "silent")]
    assert asked["all"] == []


def test_what_needs_a_look_is_a_tag() -> None:
    gap = {"because": "repeated-event", "isProven": False}
    assert [tag.word for tag in list_tags(made(state="ended", uncovered=True, gaps=[gap]))] == [
        "ended",
        "not replaced",
        "gap suspected",
    ]
    proven = {"because": "max-events-reached", "isProven": True, "missing": 2}
    assert [tag.word for tag in list_tags(made(gaps=[gap, proven], replaced=True))] == [
        "active",
        "replaced",
        "events missing",
    ]


@pytest.mark.parametrize(
    ("members", "word", "tone"),
    [
        ({}, "not known", "unknown"),
        ({"forecast": {"daysLeft": 3.0, "ratePerDay": 1.0}}, "in 3 days", "some"),
        ({"forecast": {"daysLeft": 100.0, "ratePerDay": 1.0}}, "in 100 days", ""),
        ({"forecast": {"daysLeft": 0.25, "ratePerDay": 1.0}}, "in 6 hours", "some"),
        ({"forecast": {"daysLeft": -3.0, "ratePerDay": 1.0}}, "3 days ago", "bad"),
        (
            {"forecast": {"eventsLeft": 1, "daysLeft": 9.0, "ratePerDay": 1.0}},
            "after 1 more event",
            "some",
        ),
        ({"forecast": {"eventsLeft": 0, "ratePerDay": 1.0}}, "after 0 more events", "bad"),
        ({"endedAt": "2026-11-24T11:24:33Z"}, "no reason told", ""),
        (
            {"endedAt": "2026-11-24T11:24:33Z", "terminationReason": "NETWORK_TERMINATED"},
            "network terminated",
            "",
        ),
    ],
)
def test_an_end_is_said_in_few_words(members: dict[str, Any], word: str, tone: str) -> None:
    words = describe_end(made(**members))
    assert (words.word, words.tone) == (word, tone)


def test_a_count_that_is_no_whole_one_says_so() -> None:
    assert count_events(made(events={"total": 1234, "isComplete": True})) == "1,234"
    assert count_events(made(events={"total": 10, "isComplete": False})) == "10 or more"


def test_a_device_is_named_by_its_latest_event_then_by_its_registration() -> None:
    registered = made(registered={"device": {"phoneNumber": "+99999991000"}})
    assert find_numbers(registered, []) == {DEVICE: "+99999991000"}
    newer, older = (
        {"deviceId": DEVICE, "device": {"phoneNumber": f"+9999999200{digit}"}} for digit in (1, 2)
    )
    assert find_numbers(registered, [newer, older]) == {DEVICE: "+99999992001"}
    assert find_numbers(made(), [{"deviceId": DEVICE, "device": {}}]) == {}


def test_a_gap_is_a_sentence() -> None:
    told = {"because": "max-events-reached", "isProven": True, "missing": 1}
    assert describe_gap(told) == "The provider counted 1 more event than came."
    assert "`roaming-on`" in describe_gap({"because": "repeated-event", "name": "roaming-on"})
