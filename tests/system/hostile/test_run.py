"""Everything hostile at once: good senders are served, nothing grows, and nothing is told."""

import os
from dataclasses import asdict, dataclass

import pytest

from tests.support.service import open_folder
from tests.system.hostile.marks import PLANTED, SENT, search
from tests.system.hostile.run import DESCRIPTORS_SPARE, MEBIBYTE, hostile_run

# How long the long form attacks, in seconds.
SECONDS = float(os.environ.get("HOSTILE_SECONDS", "300"))

# Of memory: at the worst moment, and for good.
PEAK_MAX = 64 * MEBIBYTE
GROWTH_MAX = 24 * MEBIBYTE
CONNECTIONS_MAX = 19
REFUSALS = {"400", "401", "403", "404", "405", "408", "413", "415", "429", "431"}
# Floods of refused bodies keep others of their kind waiting, and never a good sender.
CROWDED_OUT = {"503"}
UNHARMED = {"100", "200", "204", "303", "closed"}


@dataclass(frozen=True, slots=True)
class Strength:
    """How long it goes on, and how hard one round is."""

    warm_up: int
    seconds: float
    crowd: int
    tokens: int


SHORT = Strength(warm_up=1, seconds=1, crowd=20, tokens=300)
LONG = Strength(warm_up=3, seconds=SECONDS, crowd=100, tokens=10_000)


# One test, because two processes would share several between them, and each attack for its own.
@pytest.mark.parametrize(
    "strength",
    [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.long)],
)
def test_all_attacks_at_once_harm_no_good_sender_and_learn_nothing(strength: Strength) -> None:
    with open_folder() as folder:
        report = hostile_run(folder, **asdict(strength))
    print(report.table())  # noqa: T201 - the figures are what the long form is run for

    # Nothing but refusals, and never a fault.
    assert report.statuses() <= REFUSALS | CROWDED_OUT | UNHARMED

    assert report.revoked in {401, 429}

    # Good senders are served throughout; what was acknowledged is there, whatever else failed.
    assert set(report.good.answers) == {"204"}
    assert set(report.unlucky.answers) <= {"204", "503"}
    assert report.missing == set()

    before, peak, after = report.rss
    assert peak - before < PEAK_MAX
    assert after - before < GROWTH_MAX
    opened, left = report.descriptors
    assert left <= opened + DESCRIPTORS_SPARE
    assert report.connections <= CONNECTIONS_MAX

    # What was sent is told nowhere; the same search finds what was put into each of the places.
    assert search(report.places, SENT) == []
    assert {one.place for one in search(report.places, [PLANTED])} == set(report.places)
