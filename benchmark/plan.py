"""The plan of a run, and the parts that carry it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from benchmark.contenders import catalogue
from benchmark.contenders.contender import Contender
from benchmark.growth import growing
from benchmark.growth.growing import Effort
from benchmark.machine import description
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import LIMITS, QUICK, Case, Limit, make_http_cases, make_piece_cases
from benchmark.measuring.results import Results
from benchmark.parts import soak, stall, start, steady, throughput
from receiver.errors import ConfigurationError

STARTED = {"ours", "ours-2", "bare", "tutorial-sync", "careful", "group", *catalogue.FOREIGN}


class Part(StrEnum):
    """A part of a run, measured by itself; each has a field of `Results`."""

    THROUGHPUT = "throughput"
    PIECES = "pieces"
    STEADY = "steady"
    START = "start"
    STALL = "stall"
    SOAK = "soak"
    GROWTH = "growth"


@dataclass(frozen=True, slots=True)
class Plan:
    """Parts and cases to measure, how often and for how long.

    Attributes:
        only: names of cases of the throughput part; none: all.
        soak_seconds: 0: no soak.
        growth: how much the part of growth does.
    """

    parts: frozenset[Part]
    only: frozenset[str]
    rounds: int
    seconds: float
    steady_seconds: float
    soak_seconds: float
    quick: bool
    growth: Effort

    def choose_cases(self, foreign: Sequence[Contender]) -> list[Case]:
        """Returns the cases over HTTP, with the programs of other languages that there are."""
        return [case for case in make_http_cases(foreign) if self._has(case.name)]

    def choose_limits(self) -> list[Limit]:
        """Returns the limits that pgbench measures."""
        return [limit for limit in LIMITS if not self.only or limit.name in self.only]

    def has_contender(self, name: str) -> bool:
        """Whether a contender of that name is needed."""
        return bool(self.parts & {Part.THROUGHPUT, Part.START}) and self._has(name)

    def _has(self, name: str) -> bool:
        return name in self.only if self.only else not self.quick or name in QUICK


def title_all(cases: Sequence[Case]) -> dict[str, str]:
    """Returns the title of every case."""
    named = {case.name: case.title for case in (*steady.CASES, *cases, *make_piece_cases())}
    return {**named, **{limit.name: limit.title for limit in LIMITS}, steady.COMMIT: "bare commit"}


def require_all_parts(results: Results) -> None:
    """Refuses results that lack a part: a page made from them would lose its figures.

    Raises:
        ConfigurationError: the message names the parts, and how to take them.
    """
    lacking = [part.value for part in Part if part.value not in results.taken]
    if lacking:
        options = " ".join(f"--part {part}" for part in lacking)
        raise ConfigurationError(
            f"the results lack {', '.join(lacking)}; run `python -m benchmark --add {options}`"
        )


def carry_out(plan: Plan, bench: Bench, cases: Sequence[Case], results: Results) -> Results:
    """Measures part after part; each replaces its field of the results."""
    started = [case for case in cases if case.name in STARTED]
    rounds = plan.rounds
    take: dict[Part, Callable[[Results], Results]] = {
        Part.THROUGHPUT: lambda so_far: replace(
            so_far, throughput=throughput.take(bench, cases, plan.choose_limits(), rounds)
        ),
        Part.PIECES: lambda so_far: replace(
            so_far, pieces=throughput.take(bench, make_piece_cases(), (), rounds)
        ),
        Part.STEADY: lambda so_far: replace(
            so_far, steady=steady.take(bench, rounds, plan.steady_seconds)
        ),
        Part.START: lambda so_far: replace(so_far, start=start.take(bench, started, rounds)),
        Part.STALL: lambda so_far: replace(so_far, stall=stall.take(bench)),
        Part.SOAK: lambda so_far: replace(so_far, soak=soak.take(bench, plan.soak_seconds)),
        Part.GROWTH: lambda so_far: replace(so_far, growth=growing.take(bench, plan.growth)),
    }
    lengths = {
        Part.STEADY: f"rounds: {rounds}, {plan.steady_seconds:g} s each",
        Part.START: f"rounds: {rounds}",
        Part.STALL: "once",
        Part.SOAK: f"{plan.soak_seconds:g} s",
        Part.GROWTH: growing.describe(plan.growth, plan.seconds),
    }
    for part in Part:
        if part in plan.parts:
            bench.say(f"== {part}")
            results = take[part](results)
            length = lengths.get(part, f"rounds: {rounds}, {plan.seconds:g} s each")
            taken = {**results.taken, part.value: f"{length}, {description.now()}"}
            results = replace(results, taken=taken)
    return results
