"""The tables of the page, in Markdown: a function for each mark."""

from collections.abc import Callable, Iterable, Sequence

from benchmark.measuring.results import Latency, Results, Sample, median
from benchmark.page.targets import MIBIBYTE, judge


def targets(results: Results) -> str:
    """Returns every target, its measured value, and whether it was met."""
    rows = [
        (
            one.what,
            f"{'≥' if one.at_least else '≤'} {one.bound:g} {one.unit}".strip(),
            "" if one.measured is None else f"{figure(one.measured)} {one.unit}".strip(),
            span(one.lowest, one.highest),
            one.word,
        )
        for one in judge(results)
    ]
    return table(("what", "target", "measured", "lowest to highest", ""), rows)


def throughput(results: Results) -> str:
    """Returns the events a second of each case, with its latencies."""
    return table(
        (
            "",
            "events/s",
            "lowest to highest",
            "rate, of ours",
            "CPU, of ours",
            "p50 ms",
            "p99 ms",
            "refused",
            "lost",
        ),
        _throughput_rows(results.throughput, results.titles, base="ours"),
    )


def pieces(results: Results) -> str:
    """Returns the events a second of the service without each piece."""
    head = ("left out", "events/s", "lowest to highest", "rate, of everything")
    return table(
        (*head, "CPU, of everything", "p50 ms", "p99 ms"),
        [row[:7] for row in _throughput_rows(results.pieces, results.titles, base="everything")],
    )


def footprint(results: Results) -> str:
    """Returns the CPU, log and disk of an event, and the memory of a process."""
    columns: list[tuple[str, Callable[[Sample], float | None]]] = [
        ("server µs", lambda one: one.server_cpu_us),
        ("Postgres µs", lambda one: one.postgres_cpu_us),
        ("both µs", lambda one: one.cpu_us),
        ("WAL bytes", lambda one: one.wal_bytes_each),
        ("page images", lambda one: one.page_images_each),
        ("disk bytes", lambda one: one.disk_bytes_each),
        ("RSS MiB", lambda one: _mebibytes(one.resident_bytes)),
        ("PSS MiB", lambda one: _mebibytes(one.proportional_bytes)),
    ]
    rows = [
        (
            results.titles.get(case, case),
            *(figure(median([read(sample) for sample in samples])) for _, read in columns),
        )
        for case, samples in _by_case(results.throughput)
    ]
    return table(("for each event", *(name for name, _ in columns)), rows)


def steady(results: Results) -> str:
    """Returns the latencies at a fixed rate."""
    cases = list(dict.fromkeys(sample.case for sample in results.steady))
    rows = []
    for case in cases:
        of_case = [sample for sample in results.steady if sample.case == case]
        reads: tuple[Callable[[Latency], float], ...] = (
            lambda one: one.p50_ms,
            lambda one: one.p99_ms,
            lambda one: one.p999_ms,
        )
        rows.append(
            (
                results.titles.get(case, case),
                *(figure(median([read(sample) for sample in of_case])) for read in reads),
            )
        )
    return table(("at 100 requests a second", "p50 ms", "p99 ms", "p99.9 ms"), rows)


def start(results: Results) -> str:
    """Returns the time from each start to its first 204."""
    rows = []
    for case in dict.fromkeys(one.case for one in results.start):
        seconds = [one.seconds for one in results.start if one.case == case]
        rows.append(
            (
                results.titles.get(case, case),
                figure(median(seconds)),
                span(min(seconds), max(seconds)),
            )
        )
    return table(("from the start to the first 204", "seconds", "lowest to highest"), rows)


def stall(results: Results) -> str:
    """Returns the answers to notifications while the database stood still."""
    one = results.stall
    if one is None:
        return "Not measured."
    answers = ", ".join(
        f"{count} × {status or 'none'}" for status, count in sorted(one.answers.items())
    )
    return table(
        ("database slowed", ""),
        [
            ("requests a second", figure(one.rate)),
            ("nothing could be written for", f"{figure(one.stalled_seconds)} s"),
            ("commit deadline", f"{figure(one.deadline_seconds)} s"),
            ("answers", answers),
            ("latest answer", f"{figure(one.slowest_seconds)} s"),
            ("latest 503", f"{figure(one.slowest_refusal_seconds)} s"),
            ("first 204 after the end of it", f"{figure(one.recovery_seconds)} s"),
            ("acknowledged and not stored", str(one.missing)),
            ("stored twice", str(one.duplicates)),
        ],
    )


def soak(results: Results) -> str:
    """Returns rate, latency and memory of each stretch of the soak."""
    if not results.soak:
        return "Not measured."
    rows = [
        (
            f"{one.at_seconds:.0f}",
            figure(one.rate),
            figure(one.p99_ms),
            figure(_mebibytes(one.resident_bytes)),
            figure(_mebibytes(one.proportional_bytes)),
            str(one.checkpoints),
            str(one.autovacuums),
            str(one.refused),
            str(one.missing),
        )
        for one in results.soak
    ]
    head = ("second", "events/s", "p99 ms", "RSS MiB", "PSS MiB", "checkpoints", "autovacuums")
    return table((*head, "refused", "lost"), rows)


def machine(results: Results) -> str:
    """Returns machine, versions, settings, and when each part was taken."""
    cells = {
        **results.machine,
        **{f"Postgres `{name}`": value for name, value in results.postgres.items()},
        **{f"part {name}": taken for name, taken in results.taken.items()},
    }
    for number, why in enumerate(results.skipped, 1):
        cells[f"left out ({number})"] = why
    return table(("taken on", ""), list(cells.items()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def figure(value: float | None) -> str:
    """Returns a number with three significant digits, a large one without decimals."""
    if value is None:
        return ""
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}"


def _throughput_rows(
    samples: Sequence[Sample], titles: dict[str, str], *, base: str
) -> list[tuple[str, ...]]:
    base_of = {one.round: one for one in samples if one.case == base}
    rows: list[tuple[str, ...]] = []
    for case, of_case in _by_case(samples):
        pairs = [(one, base_of[one.round]) for one in of_case if one.round in base_of]
        rates = [one.rate / other.rate for one, other in pairs if other.rate]
        costs = [one.cpu_us / other.cpu_us for one, other in pairs if one.cpu_us and other.cpu_us]
        rows.append(
            (
                titles.get(case, case),
                figure(median([one.rate for one in of_case])),
                span(min(one.rate for one in of_case), max(one.rate for one in of_case)),
                figure(median(rates)),
                figure(median(costs)),
                figure(median([one.p50_ms for one in of_case])),
                figure(median([one.p99_ms for one in of_case])),
                str(sum(one.refused + one.failed for one in of_case)),
                str(sum(one.missing for one in of_case)),
            )
        )
    return rows


def _by_case(samples: Sequence[Sample]) -> list[tuple[str, list[Sample]]]:
    cases = dict.fromkeys(sample.case for sample in samples)
    return [(case, [one for one in samples if one.case == case]) for case in cases]


def span(lowest: float | None, highest: float | None) -> str:
    """Returns the lowest and the highest of the rounds; empty if they are not known."""
    if lowest is None or highest is None:
        return ""
    return f"{figure(lowest)} to {figure(highest)}"


def _mebibytes(held: float | None) -> float | None:
    return None if held is None else held / MIBIBYTE
