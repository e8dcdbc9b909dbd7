"""The plots of growth: what questions and events cost on each size."""

from collections.abc import Callable

from matplotlib.figure import Figure

from benchmark.measuring.growth import Filling, Growth, Written
from benchmark.measuring.results import Results, median
from benchmark.page.drawing import BAD, LIMIT, OTHERS, OURS, open_figure, open_row

# The size without events is drawn where this many would be.
EMPTY_AT = 1000
SHADES = (OTHERS, OURS, BAD, LIMIT)


def reads(results: Results) -> Figure:
    """p50 of each question, a point for each size."""
    found = results.growth
    assert found is not None
    questions = list(dict.fromkeys(one.question for one in found.asked))
    figure, axes = open_figure(0.22 * len(questions) + 0.9)
    for size, colour in zip(found.with_events, SHADES, strict=False):
        p50 = {one.question: one.p50_ms for one in found.asked if one.size == size.title}
        places = list(range(len(questions)))
        values = [p50[question] for question in questions]
        axes.plot(values, places, "o", color=colour, markersize=4, label=size.title)
    for place, question in enumerate(questions):
        values = [one.p50_ms for one in found.asked if one.question == question]
        axes.hlines(place, min(values), max(values), color=OTHERS, linewidth=1, zorder=0)
    axes.set_yticks(range(len(questions)), questions)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("p50, ms, logarithmic")
    axes.legend(frameon=False, loc="upper right")
    return figure


def writes(results: Results) -> Figure:
    """Log and CPU of Postgres for each event, by the events that the table has."""
    found = results.growth
    assert found is not None
    measures: tuple[tuple[str, Callable[[Written], float | None]], ...] = (
        ("bytes of WAL an event", lambda one: one.wal_bytes_each),
        ("µs of Postgres an event", lambda one: one.postgres_cpu_us),
    )
    figure, row = open_row(3.2, len(measures))
    for axes, (name, read) in zip(row, measures, strict=True):
        for derives, colour in ((False, OURS), (True, LIMIT)):
            points = _points(found, read, derives=derives)
            label = "with the projector" if derives else "insert alone"
            axes.plot(*zip(*points, strict=True), "o-", color=colour, label=label)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel(f"events in the table ({EMPTY_AT}: none), logarithmic")
        axes.set_ylabel(name)
        axes.legend(frameon=False)
    return figure


def _points(
    growth: Growth, read: Callable[[Written], float | None], *, derives: bool
) -> list[tuple[int, float]]:
    def middle(size: Filling) -> float:
        runs = [one for one in growth.written if (one.size, one.derives) == (size.title, derives)]
        return median([read(one) for one in runs]) or 0.0

    sizes = [one for one in growth.fillings if not one.is_even]
    return [(max(EMPTY_AT, size.events), middle(size)) for size in sizes]
