"""The seeds of some facts."""

from datetime import timedelta

from receiver.events.axes import Axis
from receiver.projection.fact import Fact
from receiver.projection.seeds import list_seeds
from tests.support.facts import DEVICES, NOON, STATUSES, Told

LATER = NOON + timedelta(hours=1)


def fact(name: str, minute: int, *, status: int = 0, subscription_id: str | None = None) -> Fact:
    said = STATUSES[name][status]
    return Told(DEVICES[0], subscription_id, name, said, minute, 0, minute).fact


def test_what_neither_begins_nor_decides_is_no_seed() -> None:
    facts = [fact("roaming-on", minute) for minute in range(5)]
    assert {facts[0], facts[4]} == set(list_seeds(facts, LATER, {}))


def test_the_first_fact_after_another_value_is_a_seed() -> None:
    facts = [fact("roaming-on", 0), fact("roaming-on", 1), fact("roaming-off", 2)]
    facts += [fact("roaming-on", minute) for minute in (3, 4, 5)]
    assert {facts[0], facts[2], facts[3], facts[5]} == set(list_seeds(facts, LATER, {}))


def test_the_first_fact_after_a_closing_is_a_seed() -> None:
    facts = [fact("roaming-on", minute) for minute in range(5)]
    seeds = list_seeds(facts, LATER, {Axis.ROAMING: [facts[1].rank]})
    assert {facts[0], facts[2], facts[4]} == set(seeds)


def test_what_counts_from_the_kept_moment_on_is_a_seed() -> None:
    facts = [fact("roaming-on", minute) for minute in range(6)]
    seeds = list_seeds(facts, facts[3].effective_at, {})
    assert {facts[0], *facts[2:]} == set(seeds)


def test_a_subscription_keeps_its_names_its_beginning_and_its_last_end() -> None:
    names = ["subscription-started", *["roaming-on"] * 3, *["subscription-ended"] * 3]
    facts = [fact(name, minute, subscription_id="s") for minute, name in enumerate(names)]
    seeds = list_seeds([*facts, fact("area-entered", 9)], LATER, {})
    assert {facts[0], facts[1], facts[3], facts[6], fact("area-entered", 9)} == set(seeds)


def test_nothing_has_no_seeds() -> None:
    assert list_seeds([], LATER, {}) == []
