"""The sizes of `scaling.md` follow from the figures of `performance.md`."""

import pytest

from docs.generator.scaling import FIGURES, Cost, databases, read_cost, table

COST = Cost(server=50e-6, insert=60e-6, projection=40e-6, log=10_000, disk=1_000)


def test_a_row_says_what_a_rate_takes() -> None:
    row = table(COST).splitlines()[3]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    expected = ["10,000/s", "51 million", "0.8", "1", "1.5", "100 MB/s", "864 GB"]
    assert expected == cells


@pytest.mark.parametrize(("rate", "expected"), [(20_000, 1), (20_001, 2), (1_000_000, 50)])
def test_a_database_is_needed_for_each_core_of_the_projector(rate: float, expected: int) -> None:
    assert expected == databases(rate, COST)


def test_the_figures_are_those_of_the_largest_size() -> None:
    cost = read_cost(FIGURES.read_text(encoding="utf-8"))
    assert all(0 < seconds < 1e-3 for seconds in (cost.server, cost.insert, cost.projection))
    assert all(100 < size < 100_000 for size in (cost.log, cost.disk))


def test_a_size_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="the table growth_writes has no row 20 M"):
        read_cost("<!-- growth_writes -->\n| empty | insert alone | 1 |\n<!-- /growth_writes -->")
