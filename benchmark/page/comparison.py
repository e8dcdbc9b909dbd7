"""Two installations side by side, as a Markdown table."""

from collections.abc import Callable, Sequence

from benchmark.measuring.results import Sample, median
from benchmark.page.tables import figure, span, table
from benchmark.parts.against import Pair

MEASURES: tuple[tuple[str, Callable[[Sample], float | None]], ...] = (
    ("events/s", lambda one: one.rate),
    ("CPU, both µs", lambda one: one.cpu_us),
    ("CPU, server µs", lambda one: one.server_cpu_us),
    ("CPU, Postgres µs", lambda one: one.postgres_cpu_us),
    ("p99 ms", lambda one: one.p99_ms),
)


def comparison(pairs: Sequence[Pair]) -> str:
    """Returns the middle of the rounds for each measure, and the ratios within the rounds."""
    rows: list[tuple[str, ...]] = []
    for title in dict.fromkeys(pair.case.title for pair in pairs):
        of_case = [pair for pair in pairs if pair.case.title == title]
        rows += [
            (title if place == 0 else "", *_measured(name, of_case, read))
            for place, (name, read) in enumerate(MEASURES)
        ]
        rows.append(("", *_lost(of_case)))
    head = ("", "measure", "this one", "the other", "this / other", "lowest to highest")
    return table(head, rows)


def _measured(
    name: str, pairs: Sequence[Pair], read: Callable[[Sample], float | None]
) -> tuple[str, ...]:
    values = [(read(pair.ours), read(pair.other)) for pair in pairs]
    ratios = [ours / other for ours, other in values if ours is not None and other]
    middles = (figure(median([value[place] for value in values])) for place in (0, 1))
    spread = span(min(ratios), max(ratios)) if ratios else ""
    return (name, *middles, figure(median(ratios)), spread)


def _lost(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Returns the events of all rounds that were answered amiss, not at all, lost or doubled."""

    def amiss(one: Sample) -> int:
        return one.refused + one.failed + one.missing + one.duplicates

    sums = (sum(map(amiss, side)) for side in zip(*((p.ours, p.other) for p in pairs), strict=True))
    return ("amiss or lost", *map(str, sums), "", "")
