"""The time from the start of a process to its first 204."""

from collections.abc import Sequence

from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Case
from benchmark.measuring.results import FirstAnswer


def take(bench: Bench, cases: Sequence[Case], rounds: int) -> list[FirstAnswer]:
    """Starts each case in each round, on a prepared database."""
    found: list[FirstAnswer] = []
    for round_ in range(1, rounds + 1):
        for case in cases:
            with bench.start(case) as (running, _):
                found.append(FirstAnswer(case.name, round_, running.first_answer_seconds))
            bench.say(f"round {round_}  {case.name:16} {running.first_answer_seconds:6.2f} s")
    return found
