"""Whatever fails, what was acknowledged is there once, and everybody is answered in time.

The long form prints the table of docs/durability.md.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.faults.faults import FAULTS, SHORT, Fault
from tests.system.faults.run import HEAD, Outcome, run

# Notifications a second, and the least time that each fault lasts which does.
RATE = int(os.environ.get("FAULT_RATE", "100"))
SECONDS = float(os.environ.get("FAULT_SECONDS", "0"))
SHORT_RATE = 60


@pytest.fixture(scope="module")
def table() -> Iterator[list[Outcome]]:
    """The outcomes of all runs, printed at the end."""
    outcomes: list[Outcome] = []
    yield outcomes
    rows = [outcome.row() for outcome in outcomes]
    broken = [f"- {one.names}: {'; '.join(one.remarks)}" for one in outcomes if one.remarks]
    # The figures are what the long form is run for.
    print("\n".join(["", HEAD, *rows, "", *broken]))  # noqa: T201


def test_kills_a_freeze_and_a_restart_lose_nothing_and_leave_nobody_waiting(seed: Path) -> None:
    outcome = run(seed, SHORT, rate=SHORT_RATE, is_timed=False)
    assert outcome.remarks == []


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_loses_nothing_and_leaves_nobody_waiting(
    seed: Path, table: list[Outcome], fault: Fault
) -> None:
    outcome = run(seed, [fault], rate=RATE, least_seconds=SECONDS)
    table.append(outcome)
    assert outcome.remarks == []
