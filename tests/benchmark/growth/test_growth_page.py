"""Tables, targets and plots of growth, made of made-up results."""

from pathlib import Path

import pytest

from benchmark.measuring.growth import (
    BY_ID,
    CLIENTS,
    MONTH,
    MONTH_OF_TABLE,
    REPORT,
    Asked,
    Beside,
    Filling,
    Growth,
    Report,
    Written,
)
from benchmark.measuring.results import Results
from benchmark.page import growth
from benchmark.page.growth_targets import judge

SMALL, LARGE, EVEN = "1 M of 10 k devices", "20 M of 200 k devices", "1 M of 1 M devices"


def asked(size: str, question: str, p50_ms: float, *, refused: int = 0) -> Asked:
    """Answers of which the slowest took twice as long."""
    return Asked(size, question, question != BY_ID, 10, refused, p50_ms, 2 * p50_ms)


def written(size: str, rate: int, cpu_us: float, wal: int, *, derives: bool = False) -> Written:
    """A run of a second."""
    return Written(size, 1, derives, 1.0, rate, 0.1, cpu_us * rate / 1e6, wal * rate, rate)


FULL = Growth(
    [
        Filling("empty", 0, 200_000, False, 0.0, 0.0, 0),
        Filling(SMALL, 1_000_000, 10_000, False, 20.0, 15.0, 2**30),
        Filling(LARGE, 20_000_000, 200_000, False, 300.0, 300.0, 25 * 2**30),
        Filling(EVEN, 1_000_000, 1_000_000, True, 20.0, 15.0, 2**30),
    ],
    [
        *(asked(size, BY_ID, 2.0) for size in (SMALL, LARGE, EVEN)),
        asked(SMALL, "pages", 4.0),
        asked(LARGE, "pages", 12.0, refused=1),
        asked(EVEN, "pages", 30.0),
    ],
    [Report(LARGE, MONTH, 1, 3.0), Report(LARGE, MONTH_OF_TABLE, 1, 2.0)],
    [
        written("empty", 1000, 30.0, 1500),
        written(LARGE, 700, 60.0, 4500),
        written("empty", 900, 90.0, 9000, derives=True),
        written(LARGE, 900, 90.0, 9000, derives=True),
    ],
    [
        Beside(LARGE, what, 1, 300.0, 1, 0, 1.0, p99_ms)
        for what, p99_ms in (("", 4.0), (REPORT, 6.0), (CLIENTS, 10.0))
    ],
)
RESULTS = Results({}, {}, {}, growth=FULL)


def test_targets_are_ratios_of_the_largest_size() -> None:
    found = judge(FULL)
    assert [one.measured for one in found] == [1, 3, 15, 0.7, 2, 3, 1.5, 1.5, 2.5]
    words = ["**not met**"] * 5 + ["met"] * 3 + ["**not met**"]
    assert [one.word for one in found] == words
    assert {one.word for one in judge(None)} == {"not measured"}


def test_one_size_alone_compares_nothing() -> None:
    alone = Growth(FULL.fillings[1:2], FULL.asked[:1], [], [], [])
    assert [one.word for one in judge(alone)] == ["met", *["not measured"] * 8]


def test_a_table_has_a_row_for_each_question_and_a_column_for_each_size() -> None:
    head, _, by_id, pages, *_ = growth.reads(RESULTS).split("\n")
    assert head == f"| p50 and p99, ms | {SMALL} | {LARGE} | {EVEN} | p50, {LARGE} ÷ {SMALL} |"
    assert by_id == f"| {BY_ID} | 2, 4 | 2, 4 | 2, 4 | 1 |"
    assert pages == "| pages | 4, 8 | 12, 24, 1 of 10 × 503 | 30, 60 | 3 |"


def test_an_event_is_shown_with_what_it_costs() -> None:
    rows = growth.writes(RESULTS).split("\n")
    assert f"| {LARGE} | insert alone | 700 | 700 to 700 | 143 | 60 | 4500 | 1 |" in rows
    assert "| empty | with the projector | 900 | 900 to 900 | 111 | 90 | 9000 | 1 |" in rows


def test_reports_and_readers_are_shown() -> None:
    assert f"| {MONTH} | 3 |" in growth.reports(RESULTS).split("\n")
    assert f"| {REPORT} | 1 | 6 | 6 to 6 | 0 |" in growth.beside(RESULTS).split("\n")
    assert f"| {LARGE} | 20,000,000 | 200,000 | 300 | 300 | 25 |" in growth.fillings(RESULTS)


def test_plots_are_drawn_of_every_size(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from benchmark.page.plots import draw

    names = [path.name for path in draw(RESULTS, tmp_path)]
    assert names == ["growth_reads.svg", "growth_writes.svg"]
