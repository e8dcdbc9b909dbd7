"""The events a second that each contender stores, and their cost."""

from collections.abc import Sequence

from benchmark.measuring.bench import Bench, measure, measure_limit
from benchmark.measuring.cases import Case, Limit
from benchmark.measuring.results import Sample


def take(bench: Bench, cases: Sequence[Case], limits: Sequence[Limit], rounds: int) -> list[Sample]:
    """Measures every case in every round, so that a drift of the machine meets all of them.

    Every other round goes backwards, so that no case always follows the same one.
    """
    samples: list[Sample] = []
    for round_ in range(1, rounds + 1):
        for case in cases if round_ % 2 else reversed(cases):
            samples.append(measure(bench, case, round_))
            _tell(bench, samples[-1])
        if bench.programs.pgbench is None:
            continue
        for limit in limits:
            samples.append(measure_limit(bench, bench.programs.pgbench, limit, round_))
            _tell(bench, samples[-1])
    return samples


def _tell(bench: Bench, sample: Sample) -> None:
    bench.say(f"round {sample.round}  {sample.case:16} {sample.rate:9.0f} events/s")
