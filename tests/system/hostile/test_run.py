"""Everything hostile at once: good senders are served, nothing grows, and nothing is told."""

import os
from dataclasses import dataclass

import pytest

from tests.system.hostile.marks import PLANTED, SENT, search
from tests.system.hostile.run import DESCRIPTORS_SPARE, MEBIBYTE, Report, hostile_run
from tests.system.service import open_folder

# How long the long form attacks, in seconds.
SECONDS = float(os.environ.get("HOSTILE_SECONDS", "300"))

GROWTH_MAX = 64 * MEBIBYTE
CONNECTIONS_MAX = 15
REFUSALS = {"400", "401", "403", "404", "405", "408", "413", "415", "429", "431"}
UNHARMED = {"100", "200", "204", "closed"}


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard one round is."""

    seconds: float
    crowd: int
    tokens: int


@pytest.fixture(
    scope="module",
    params=[
        Strength(seconds=1, crowd=20, tokens=300),
        pytest.param(Strength(SECONDS, crowd=200, tokens=10_000), marks=pytest.mark.long),
    ],
    ids=["short", "long"],
)
def report(request: pytest.FixtureRequest) -> Report:
    strength: Strength = request.param
    with open_folder() as folder:
        found = hostile_run(
            folder, seconds=strength.seconds, crowd=strength.crowd, tokens=strength.tokens
        )
    print(found.table())  # noqa: T201 - the figures are what the long form is run for
    return found


def test_no_attack_finds_a_fault(report: Report) -> None:
    assert report.statuses() <= REFUSALS | UNHARMED


def test_good_senders_are_served_throughout_and_nothing_is_lost(report: Report) -> None:
    assert set(report.good.answers) == {"204"}
    assert set(report.unlucky.answers) <= {"204", "503"}
    assert report.good.acknowledged == report.good.sent
    assert report.missing == set()


def test_memory_descriptors_and_connections_stay_bounded(report: Report) -> None:
    before, peak, _ = report.rss
    assert peak - before < GROWTH_MAX
    opened, left = report.descriptors
    assert left <= opened + DESCRIPTORS_SPARE
    assert report.connections <= CONNECTIONS_MAX


def test_nothing_that_was_sent_is_told_anywhere(report: Report) -> None:
    assert search(report.places, SENT) == []


def test_the_search_finds_what_was_put_into_each_of_the_places(report: Report) -> None:
    found = {one.place for one in search(report.places, [PLANTED])}
    assert found == set(report.places)
