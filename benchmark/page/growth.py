"""The tables of the growth part, in Markdown, each with its plot once it was measured."""

from collections.abc import Callable, Iterable, Sequence

from benchmark.measuring.growth import Asked, Beside, Filling, Growth, Written
from benchmark.measuring.results import Results, median
from benchmark.page.growth_targets import compare_p50
from benchmark.page.tables import figure, span, table

MISSING = "Not measured."
GIBIBYTE = 2**30


def fillings(results: Results) -> str:
    """Returns the databases that were asked and written to."""
    found = results.growth
    if found is None:
        return MISSING
    head = ("size", "events", "devices", "written in s", "derived in s", "on disk GiB")
    return table(head, (_filling(one) for one in found.fillings))


def reads(results: Results) -> str:
    """Returns how long each question takes on each size, and how it grows."""
    found = results.growth
    if found is None:
        return MISSING
    sizes = list(dict.fromkeys(one.size for one in found.asked))
    ratios = compare_p50(found)
    rows = [
        (
            question,
            *(_answers(one) for one in found.asked if one.question == question),
            figure(ratios.get(question)),
        )
        for question in dict.fromkeys(one.question for one in found.asked)
    ]
    larger = " ÷ ".join(one.title for one in (found.largest, found.next_largest) if one)
    shown = table(("p50 and p99, ms", *sizes, f"p50, {larger}"), rows)
    return f"{shown}\n\n![How long answers take, by the size](performance/growth_reads.svg)"


def reports(results: Results) -> str:
    """Returns how long reports in SQL take on each size."""
    found = results.growth
    if found is None:
        return MISSING
    sizes = list(dict.fromkeys(one.size for one in found.reports))
    rows = [
        (report, *(_seconds(found, size, report) for size in sizes))
        for report in dict.fromkeys(one.report for one in found.reports)
    ]
    return table(("seconds", *sizes), rows)


def writes(results: Results) -> str:
    """Returns rate and cost of the intake on each size, alone and with the projector."""
    found = results.growth
    if found is None:
        return MISSING
    columns: tuple[tuple[str, Callable[[Written], float | None]], ...] = (
        ("server µs", lambda one: one.server_cpu_us),
        ("Postgres µs", lambda one: one.postgres_cpu_us),
        ("WAL bytes", lambda one: one.wal_bytes_each),
        ("page images", lambda one: one.page_images_each),
    )
    rows = []
    for size, derives in dict.fromkeys((one.size, one.derives) for one in found.written):
        runs = [one for one in found.written if (one.size, one.derives) == (size, derives)]
        rates = [one.rate for one in runs]
        rows.append(
            (
                size,
                "with the projector" if derives else "insert alone",
                figure(median(rates)),
                span(min(rates), max(rates)),
                *(figure(median([read(one) for one in runs])) for _, read in columns),
            )
        )
    head = ("size", "", "events/s", "lowest to highest", *(name for name, _ in columns))
    return (
        f"{table(head, sorted(rows, key=lambda row: row[1]))}\n\n"
        "![What an event costs, by the size](performance/growth_writes.svg)"
    )


def beside(results: Results) -> str:
    """Returns the latency of the intake alone and beside readers."""
    found = results.growth
    if found is None or not found.beside:
        return MISSING
    rows = []
    for what in dict.fromkeys(one.what for one in found.beside):
        runs = [one for one in found.beside if one.what == what]
        rows.append(
            (
                what or "alone",
                figure(median([one.p50_ms for one in runs])),
                figure(median([one.p99_ms for one in runs])),
                _span_of(runs),
                str(sum(one.refused for one in runs)),
            )
        )
    first = found.beside[0]
    title = f"{first.rate:g} events/s into {first.size}"
    return table((title, "p50 ms", "p99 ms", "lowest to highest", "not 204"), rows)


TABLES = (fillings, reads, reports, writes, beside)


def _filling(one: Filling) -> Sequence[str]:
    return (
        one.title,
        f"{one.events:,}",
        f"{one.devices:,}",
        figure(one.seconds) if one.events else "",
        figure(one.derive_seconds) if one.events else "",
        figure(one.disk_bytes / GIBIBYTE),
    )


def _answers(one: Asked) -> str:
    refused = f", {one.refused} of {one.count} × 503" if one.refused else ""
    return f"{figure(one.p50_ms)}, {figure(one.p99_ms)}{refused}"


def _seconds(growth: Growth, size: str, report: str) -> str:
    runs = [one for one in growth.reports if (one.size, one.report) == (size, report)]
    return figure(median([one.seconds for one in runs]))


def _span_of(runs: Iterable[Beside]) -> str:
    p99 = [one.p99_ms for one in runs]
    return span(min(p99), max(p99))
