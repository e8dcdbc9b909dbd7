"""`docs/performance.md`: its tables, its verdicts and its words agree with each other."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.measuring import results
from benchmark.measuring.results import FirstAnswer, Interval, Latency, Results, Sample, Stall
from benchmark.page import tables
from benchmark.page.blocks import BLOCK, BLOCKS, PAGE, PLOTS, render
from benchmark.page.comparison import comparison
from benchmark.page.targets import judge
from benchmark.parts import against
from benchmark.parts.against import Pair
from benchmark.plan import Part, require_all_parts
from receiver.errors import ConfigurationError
from tests.support.paths import ROOT

EMPTY = Results({"processor": "a made-up one"}, {}, {"ours": "this service"})
FULL = replace(
    EMPTY,
    taken={part.value: "once" for part in Part},
    throughput=[Sample("ours", 1, seconds=2.0, acknowledged=24690, stored=24690, found=24690)],
    steady=[Latency("ours", 1, 100.0, sent=100, stored=100, p50_ms=2, p99_ms=3, p999_ms=4)],
    start=[FirstAnswer("ours", 1, 1.5)],
    stall=Stall(2.0, 8.0, 200.0, {204: 2, 503: 1}, 3.0, 3.0, 0.1, 0, 0, [(0.0, 0.1, 204)]),
    soak=[Interval(20.0, 9000.0, 17.0, 2**26, 2**25, 0, 0, checkpoints=1, autovacuums=2)],
)
NUMBERS = (
    *("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"),
    *("Eleven", "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen"),
)


def test_the_page_has_a_place_for_every_table() -> None:
    assert set(BLOCK.findall(PAGE.read_text())) == set(BLOCKS)


def test_the_page_shows_every_plot_that_git_keeps() -> None:
    shown = re.findall(rf"\({PLOTS.name}/(\w+\.svg)\)", PAGE.read_text())
    assert sorted(shown) == sorted(path.name for path in PLOTS.iterdir())


def test_the_page_measures_the_targets_of_today() -> None:
    today = [
        (one.what, f"{'≥' if one.at_least else '≤'} {one.bound:g} {one.unit}".strip())
        for one in judge(FULL)
    ]
    assert [(what, target) for what, target, *_ in target_rows()] == today


def test_a_target_that_the_page_calls_met_is_met_by_its_figures() -> None:
    for what, target, measured, _, word in target_rows():
        if not measured:
            assert word == "not measured"
            continue
        bound, value = float(target.split()[1]), float(measured.split()[0])
        is_met = value >= bound if target.startswith("≥") else value <= bound
        # Three digits that equal the bound may have been rounded to it.
        assert value == bound or word == ("met" if is_met else "**not met**"), what


def test_the_page_explains_every_target_that_is_missed() -> None:
    missed = sum(word == "**not met**" for *_, word in target_rows())
    _, _, rest = PAGE.read_text().partition(f"\n{NUMBERS[missed]} targets are missed:\n\n")
    explained, _, _ = rest.partition("\n\n")
    assert len(re.findall(r"^- \*\*", explained, re.MULTILINE)) == missed


def test_publishing_changes_tables_and_nothing_between_them() -> None:
    page = PAGE.read_text()
    made = render(page, FULL)
    assert BLOCK.sub("", made) == BLOCK.sub("", page)
    assert render(made, FULL) == made
    assert "| this service | 12345 |" in made
    assert BLOCK.search(page)[0] not in made  # type: ignore[index] # the page has tables


def test_a_mark_that_names_no_table_is_a_fault() -> None:
    with pytest.raises(KeyError, match="sock"):
        render("<!-- sock -->\n<!-- /sock -->", FULL)


def test_results_that_lack_a_part_are_not_published() -> None:
    require_all_parts(FULL)
    taken = {part: when for part, when in FULL.taken.items() if part not in ("stall", "soak")}
    with pytest.raises(ConfigurationError, match=r"lack stall, soak; .* --part stall --part soak`"):
        require_all_parts(replace(FULL, taken=taken))


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    results.write(FULL, tmp_path / "folder" / "results.json")
    assert results.read(tmp_path / "folder" / "results.json") == FULL


def test_git_ignores_results() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert f"{results.OUTPUT.relative_to(ROOT).parts[0]}/" in ignored


def test_a_target_is_met_by_the_middle_of_the_rounds_ratios() -> None:
    def rounds(case: str, *rates: int) -> list[Sample]:
        return [Sample(case, at, 1.0, rate, rate, rate) for at, rate in enumerate(rates, 1)]

    assert {verdict.met for verdict in judge(EMPTY)} == {None}
    samples = rounds("ours", 2000, 3000, 100) + rounds("tutorial-sync", 100, 100, 100)
    first = judge(replace(EMPTY, throughput=samples))[0]
    assert (first.measured, first.lowest, first.highest, first.met) == (20, 1, 30, True)
    samples = rounds("ours", 1999) + rounds("tutorial-sync", 100)
    assert judge(replace(EMPTY, throughput=samples))[0].met is False


def test_the_ratio_of_cpu_stands_beside_the_ratio_of_rates() -> None:
    def sample(case: str, round_: int, stored: int, cpu_seconds: float) -> Sample:
        return Sample(case, round_, 1.0, stored, stored, stored, server_cpu_seconds=cpu_seconds)

    samples = [
        *(sample("ours", 1, 1000, 0.5), sample("ours", 2, 2000, 0.5)),
        *(sample("go", 1, 800, 0.8), sample("go", 2, 1000, 0.75)),
    ]
    found = replace(EMPTY, throughput=samples)
    cells = [cell.strip() for cell in tables.throughput(found).split("\n")[3].split("|")[1:-1]]
    assert cells[:5] == ["go", "900", "800 to 1000", "0.65", "2.5"]
    judged = {one.what: one for one in judge(found)}
    assert judged["events/s, one worker, against Go and pgx"].measured == 1.625


def test_the_cost_of_an_event_counts_bytes_and_page_images_of_the_log() -> None:
    sample = Sample("ours", 1, 1.0, 500, 500, 500, wal_bytes=1_000_000, page_images=5)
    shown = tables.footprint(replace(EMPTY, throughput=[sample]))
    assert "| WAL bytes | page images |" in shown
    assert "| 2000 | 0.01 |" in shown


def test_a_comparison_shows_the_ratios_within_the_rounds() -> None:
    def sample(rate: int, *, refused: int = 0) -> Sample:
        return Sample("single", 1, 1.0, rate, rate, rate, refused=refused, p99_ms=4.0)

    case = against.CASES[0]
    pairs = [
        Pair(case, sample(900), sample(1000)),
        Pair(case, sample(500, refused=3), sample(400)),
        Pair(case, sample(600), sample(600)),
    ]
    rows = comparison(pairs).split("\n")
    assert "| single notifications | events/s | 600 | 600 | 1 | 0.9 to 1.25 |" in rows
    assert "|  | CPU, both µs |  |  |  |  |" in rows
    assert "|  | amiss or lost | 3 | 0 |  |  |" in rows


def test_a_comparison_of_a_case_that_there_is_not_is_refused() -> None:
    assert against.choose(()) == list(against.CASES)
    with pytest.raises(ConfigurationError, match="no case is named ours: single, batch"):
        against.choose({"ours", "batch"})


def target_rows() -> list[list[str]]:
    """The cells of the table of targets as it stands on the page."""
    found = re.search(
        r"<!-- targets -->\n\n(.*?)\n\n<!-- /targets -->", PAGE.read_text(), re.DOTALL
    )
    assert found is not None
    return [[cell.strip() for cell in row[2:-2].split(" | ")] for row in found[1].split("\n")[2:]]
