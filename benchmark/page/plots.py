"""The results as plots; needs matplotlib, of the extra `benchmark`."""

from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.measuring.results import Results, Sample, median
from benchmark.page import growth_plots
from benchmark.page.drawing import BAD, LIMIT, OTHERS, OURS, open_figure

LIMITS = ("bare", "pgbench", "pgbench-batch")


def draw(results: Results, folder: Path) -> list[Path]:
    """Draws every plot that there are results for; returns the files."""
    drawn: dict[str, Callable[[Results], Figure]] = {}
    if results.throughput:
        drawn |= {"throughput": _throughput, "cpu": _cpu}
    if results.steady:
        drawn["steady"] = _steady
    if results.stall:
        drawn["stall"] = _stall
    if results.soak:
        drawn["soak"] = _soak
    if results.growth:
        drawn |= {"growth_reads": growth_plots.reads, "growth_writes": growth_plots.writes}
    paths = []
    for name, plot in drawn.items():
        paths.append(folder / f"{name}.svg")
        plot(results).savefig(paths[-1], format="svg", metadata={"Date": None})
    return paths


def _throughput(results: Results) -> Figure:
    """Stored events a second, the middle of the rounds, lines from the lowest to the highest."""
    cases = _by_rate(results)
    figure, axes = open_figure(0.32 * len(cases) + 0.9)
    for place, (case, samples) in enumerate(cases):
        rates = [sample.rate for sample in samples]
        middle = median(rates) or 0.0
        axes.barh(place, middle, color=_colour(case))
        axes.hlines(place, min(rates), max(rates), color="black", linewidth=1)
        axes.annotate(f" {middle:,.0f}", (max(rates), place), va="center")
    _name(axes, [results.titles.get(case, case) for case, _ in cases])
    axes.set_xscale("log")
    axes.set_xlabel("events a second, logarithmic")
    axes.set_xlim(right=3 * axes.get_xlim()[1])
    return figure


def _cpu(results: Results) -> Figure:
    """CPU for each stored event, of the server and of Postgres."""
    cases = [(case, samples) for case, samples in _by_rate(results) if _cpu_of(samples)]
    figure, axes = open_figure(0.32 * len(cases) + 0.9)
    for place, (_, samples) in enumerate(cases):
        server = median([sample.server_cpu_us for sample in samples]) or 0.0
        database = median([sample.postgres_cpu_us for sample in samples]) or 0.0
        axes.barh(place, server, color=OURS, label="" if place else "server")
        axes.barh(place, database, left=server, color=LIMIT, label="" if place else "Postgres")
        axes.annotate(f" {server + database:,.0f}", (server + database, place), va="center")
    _name(axes, [results.titles.get(case, case) for case, _ in cases])
    axes.set_xlabel("µs of CPU for each stored event")
    axes.margins(x=0.1)
    axes.legend(frameon=False)
    return figure


def _steady(results: Results) -> Figure:
    cases = list(dict.fromkeys(sample.case for sample in results.steady))
    figure, axes = open_figure(0.5 * len(cases) + 0.9)
    for place, case in enumerate(cases):
        samples = [sample for sample in results.steady if sample.case == case]
        middle = (
            median([one.p50_ms for one in samples]) or 0.0,
            median([one.p99_ms for one in samples]) or 0.0,
            median([one.p999_ms for one in samples]) or 0.0,
        )
        axes.hlines(place, middle[0], middle[2], color=OTHERS, linewidth=3)
        for value, colour in zip(middle, (OURS, LIMIT, BAD), strict=True):
            axes.plot(value, place, "o", color=colour)
    for colour, name in ((OURS, "p50"), (LIMIT, "p99"), (BAD, "p99.9")):
        axes.plot([], [], "o", color=colour, label=name)
    _name(axes, [results.titles.get(case, case) for case in cases])
    axes.set_xscale("log")
    axes.set_xlabel("ms from when a request was due to its answer, logarithmic")
    axes.legend(frameon=False)
    return figure


def _stall(results: Results) -> Figure:
    stall = results.stall
    assert stall is not None
    figure, axes = open_figure(3.2)
    for status, colour in ((204, OURS), (503, BAD)):
        points = [point for point in stall.seconds_by_due if point[2] == status]
        due, late = [point[0] for point in points], [point[1] for point in points]
        axes.plot(due, late, ".", color=colour, label=str(status))
    axes.axhline(2 * stall.deadline_seconds, color="black", linewidth=0.5, linestyle="--")
    axes.set_xlabel("when the request was due, s")
    axes.set_ylabel("its answer later by, s")
    axes.legend(frameon=False)
    return figure


def _soak(results: Results) -> Figure:
    at = [interval.at_seconds for interval in results.soak]
    figure, axes = open_figure(3.2)
    axes.plot(at, [interval.rate for interval in results.soak], color=OURS)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("s")
    axes.set_ylabel("events a second", color=OURS)
    held = axes.twinx()
    held.plot(at, [one.resident_bytes / 2**20 for one in results.soak], color=BAD)
    held.set_ylim(0, 150)
    held.set_ylabel("MiB resident", color=BAD)
    return figure


def _name(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)


def _by_rate(results: Results) -> list[tuple[str, list[Sample]]]:
    cases = dict.fromkeys(sample.case for sample in results.throughput)
    found = [(case, [one for one in results.throughput if one.case == case]) for case in cases]
    return sorted(found, key=lambda pair: median([one.rate for one in pair[1]]) or 0.0)


def _cpu_of(samples: list[Sample]) -> float | None:
    return median([sample.cpu_us for sample in samples])


def _colour(case: str) -> str:
    return OURS if case.startswith("ours") else LIMIT if case in LIMITS else OTHERS
