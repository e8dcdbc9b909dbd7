"""The targets, and whether a run met them: by the middle of the ratios within each round."""

from collections.abc import Callable

from benchmark.measuring.results import Results, Sample, median
from benchmark.page import growth_targets
from benchmark.page.verdicts import Verdict, verdict

MIBIBYTE = 2**20

Measure = Callable[[Sample], float | None]


def judge(results: Results) -> list[Verdict]:
    """Returns a verdict on every target, in the order of the table."""

    def ratio(what: str, case: str, other: str, bound: float) -> Verdict:
        return _ratio(results.throughput, what, case, other, bound)

    def cost(what: str, other: str, bound: float) -> Verdict:
        what = f"CPU per event, server and Postgres, against {what}"
        return _ratio(
            results.throughput,
            what,
            "ours",
            other,
            bound,
            read=lambda sample: sample.cpu_us,
            at_least=False,
        )

    return [
        ratio("events/s, one worker, against the sync tutorial", "ours", "tutorial-sync", 20),
        ratio("events/s, one worker, against the careful handler", "ours", "careful", 8),
        ratio("events/s, one worker, against Node-RED", "ours", "node-red", 4),
        cost("Node-RED", "node-red", 0.25),
        ratio("events/s, one worker, against Fastify and pg", "ours", "fastify", 1.9),
        ratio("events/s, one worker, against Go and pgx", "ours", "go", 1.7),
        ratio("events/s, one worker, against the short group commit", "ours", "group", 1),
        cost("the short group commit", "group", 1.1),
        ratio("events/s, one worker, against pgbench, same tables", "ours", "pgbench", 0.5),
        cost("a bare 204", "bare", 3.8),
        ratio(
            "batches of 100 against pgbench with 100 rows a statement",
            "ours-batch",
            "pgbench-batch",
            0.42,
        ),
        _own(
            results.throughput,
            "p99 against p50 at saturation, 64 connections",
            "ours",
            2.5,
            lambda sample: sample.spread,
            unit="×",
        ),
        _steady(results),
        ratio("events/s, two workers against one", "ours-2", "ours", 1),
        _ratio(
            results.pieces,
            "authentication, findings, metrics, logs on against off",
            "everything",
            "nothing",
            0.85,
        ),
        _own(
            results.throughput,
            "memory of a worker at saturation",
            "ours",
            150,
            lambda sample: (
                None if sample.resident_bytes is None else sample.resident_bytes / MIBIBYTE
            ),
            unit="MiB",
        ),
        *_soak(results),
        *_stall(results),
        _lost(results),
        *growth_targets.judge(results.growth),
    ]


def _values(samples: list[Sample], case: str, read: Measure) -> dict[int, float]:
    found = {sample.round: read(sample) for sample in samples if sample.case == case}
    return {round_: value for round_, value in found.items() if value}


def _ratio(
    samples: list[Sample],
    what: str,
    case: str,
    other: str,
    bound: float,
    *,
    read: Measure = lambda sample: sample.rate,
    at_least: bool = True,
) -> Verdict:
    ours, theirs = _values(samples, case, read), _values(samples, other, read)
    ratios = [ours[round_] / theirs[round_] for round_ in ours if round_ in theirs]
    return verdict(what, bound, at_least, "×", ratios)


def _own(
    samples: list[Sample], what: str, case: str, bound: float, read: Measure, unit: str
) -> Verdict:
    return verdict(what, bound, False, unit, list(_values(samples, case, read).values()))


def _steady(results: Results) -> Verdict:
    p99 = {(sample.case, sample.round): sample.p99_ms for sample in results.steady}
    rounds = [round_ for case, round_ in p99 if case == "ours"]
    ratios = [
        p99["ours", round_] / (p99["bare", round_] + p99["commit", round_])
        for round_ in rounds
        if ("bare", round_) in p99 and ("commit", round_) in p99
    ]
    what = "p99 at 100 requests a second against a bare 204 and a bare commit"
    return verdict(what, 2, False, "×", ratios)


def _soak(results: Results) -> list[Verdict]:
    held = [interval.proportional_bytes / MIBIBYTE for interval in results.soak]
    half = len(held) // 2
    early, late = median(held[1:half]), median(held[half:])
    growth = [late / early] if early and late else []
    largest = [max(interval.resident_bytes for interval in results.soak) / MIBIBYTE] if held else []
    return [
        verdict("memory of a worker, the most in the soak", 150, False, "MiB", largest),
        verdict("memory, second half of the soak against the first", 1.05, False, "×", growth),
    ]


def _stall(results: Results) -> list[Verdict]:
    stall = results.stall
    slowest = [stall.slowest_refusal_seconds / stall.deadline_seconds] if stall else []
    lost = [float(stall.missing + stall.duplicates)] if stall else []
    return [
        verdict("database slowed: latest 503 against the commit deadline", 2, False, "×", slowest),
        verdict("database slowed: acknowledged events missing or double", 0, False, "", lost),
        verdict(
            "database back: seconds to the first 204, without a restart",
            2 * stall.deadline_seconds if stall else 0,
            False,
            "s",
            [stall.recovery_seconds] if stall else [],
        ),
    ]


def _lost(results: Results) -> Verdict:
    samples = [one for one in results.throughput if one.case.startswith("ours")]
    lost = [float(sum(one.missing + one.duplicates for one in samples))] if samples else []
    return verdict("acknowledged events missing or double, all rounds", 0, False, "", lost)
