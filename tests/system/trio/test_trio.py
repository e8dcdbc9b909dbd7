"""Whatever becomes of the leader of a synchronous trio, what was acknowledged is there once.

The long form prints the table of docs/durability.md.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import DOCS
from tests.system.faults.run import Outcome, run
from tests.system.trio.drills import KILLED, SWITCHOVER, VARIANTS, Site, Variant, trio_site
from tests.system.trio.programs import find_etcd, patroni_environment
from tests.system.trio.table import COLUMNS, HEAD, row

# Notifications a second.
RATE = int(os.environ.get("FAULT_RATE", "120"))
SHORT_RATE = 40


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A trio for all runs; each leaves it whole."""
    find_etcd()
    with patroni_environment() as python, trio_site(python) as site:
        yield site


@pytest.fixture(scope="module")
def table() -> Iterator[list[tuple[Outcome, bool]]]:
    """The outcomes of all runs, and whether each had a spool; printed at the end."""
    outcomes: list[tuple[Outcome, bool]] = []
    yield outcomes
    rows = [row(outcome, spools=spools) for outcome, spools in outcomes]
    broken = [f"- {one.names}: {'; '.join(one.remarks)}" for one, _ in outcomes if one.remarks]
    # The figures are what the long form is run for.
    print("\n".join(["", HEAD, *rows, "", *broken]))  # noqa: T201


def test_the_page_has_a_row_for_each_drill_and_nothing_is_missing_there() -> None:
    page = (DOCS / "durability.md").read_text(encoding="utf-8")
    assert HEAD in page
    table = page.partition(HEAD)[2].strip().partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    expected = {(variant.name, spools) for variant in VARIANTS for spools in ("no", "yes")}
    assert {(row[0], row[1]) for row in rows} == expected
    assert {row[COLUMNS.index("missing, double")] for row in rows} == {"0, 0"}


def test_a_switchover_and_a_killed_leader_lose_nothing(site: Site, tmp_path: Path) -> None:
    drills = [variant.fault(site, spools=False) for variant in (SWITCHOVER, KILLED)]
    outcome = run(tmp_path, drills, rate=SHORT_RATE, is_timed=False)
    assert outcome.remarks == []


@pytest.mark.long
@pytest.mark.parametrize("spools", [False, True], ids=["503", "spool"])
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_drill_loses_nothing(
    site: Site, table: list[tuple[Outcome, bool]], tmp_path: Path, variant: Variant, spools: bool
) -> None:
    # Three servers, their agents and etcd share the machine: the times are told and not judged.
    outcome = run(tmp_path, [variant.fault(site, spools=spools)], rate=RATE, is_timed=False)
    table.append((outcome, spools))
    assert outcome.remarks == []
