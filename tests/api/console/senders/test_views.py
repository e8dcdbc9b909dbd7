"""What the screen of senders shows, from the answer of the API."""

from typing import Any

import pytest

from receiver.api.console.senders.views import list_cards, list_found, list_sources
from receiver.api.senders.examples import SENDERS

SENDER = SENDERS["senders"][0]


def make(*senders: dict[str, Any], credentials: list[dict[str, Any]] | None = None) -> Any:
    told = [{"credential": one["credential"], "refused": []} for one in senders]
    return {**SENDERS, "senders": list(senders), "credentials": credentials or told}


def test_a_card_shows_what_came_of_a_credential_and_what_was_refused() -> None:
    card, untouched = list_cards(SENDERS)
    assert card.sent is not None
    assert (card.sent.events, card.sent.rate, card.sent.duplicates) == (412, "17/h", 3)
    assert (card.sent.p50, card.sent.p99, card.sent.is_late) == ("1.2 s", "48 s", False)
    assert (card.refused_total, card.waiting, card.needs_a_look) == (2, 2, False)
    assert card.sent.findings == (("time-without-zone", 57),)
    assert (untouched.credential, untouched.sent, untouched.needs_a_look) == (
        "operator-test",
        None,
        False,
    )


def test_whoever_fell_silent_is_first_and_then_whoever_sent_most() -> None:
    def of(name: str, events: int, **changed: Any) -> dict[str, Any]:
        return {**SENDER, "credential": name, "events": events, **changed}

    gone = {"credential": "gone", "refused": [], "lastUsedAt": SENDERS["asOf"]}
    never = {"credential": "never", "refused": []}
    answer = make(of("few", 1), of("many", 9), of("silent", 5, isSilent=True))
    answer["credentials"] += [gone, never]
    cards = list_cards(answer)
    assert [card.credential for card in cards] == ["silent", "gone", "many", "few", "never"]


@pytest.mark.parametrize(
    ("last_used_at", "changed", "expected"),
    [
        ("2026-04-17T08:00:00.000000Z", {}, True),
        ("2026-04-17T08:00:00.000000Z", {"isComplete": False}, False),
        ("2026-04-17T08:00:00.000000Z", {"leftOut": 1}, False),
        ("2026-04-01T08:00:00.000000Z", {"isComplete": False}, True),
        (None, {}, False),
    ],
)
def test_whoever_is_not_among_what_was_counted_is_missing_only_where_that_is_known(
    last_used_at: str | None, changed: dict[str, Any], expected: bool
) -> None:
    told: dict[str, Any] = {"credential": "a", "refused": [], "lastUsedAt": last_used_at}
    [card] = list_cards({**make(credentials=[told]), **changed})
    assert card.needs_a_look is expected


def test_a_credential_that_is_none_of_ours_has_a_card_too() -> None:
    [card] = list_cards(
        make(
            {**SENDER, "credential": "jwt:them"}, credentials=[{**SENDER, "credential": "jwt:them"}]
        )
    )
    assert card.last_used_at is None
    assert card.refused == []


def test_lateness_of_minutes_is_marked() -> None:
    lateness = {"p50Seconds": 1, "p99Seconds": 301, "maxSeconds": 301}
    [row] = list_sources(make({**SENDER, "lateness": lateness}))
    assert row.is_late


def test_the_rate_is_of_the_time_that_was_counted() -> None:
    [row] = list_sources({**make(SENDER), "countedFrom": "2026-04-17T08:59:00.000000Z"})
    assert row.rate == "7/s"
    assert row.bars.unknown_width > 0.99 * row.bars.width


def test_a_finding_is_found_with_those_who_sent_it_most() -> None:
    more = {**SENDER["findings"][0], "events": 99}
    answer = make(SENDER, {**SENDER, "credential": "b", "findings": [more]})
    found = list_found(answer, "time-without-zone")
    assert [(sender["credential"], one["events"]) for sender, one in found] == [
        ("b", 99),
        ("operator-prod", 57),
    ]
    assert list_found(answer, "time-missing") == []
