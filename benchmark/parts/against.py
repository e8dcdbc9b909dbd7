"""Two installations of the product in turns, so that both meet the same state of the machine."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from benchmark.contenders import catalogue
from benchmark.contenders.contender import Contender
from benchmark.load.contents import Content
from benchmark.measuring.bench import Bench, measure
from benchmark.measuring.cases import MEMBERS, Case
from benchmark.measuring.results import Sample
from receiver.errors import ConfigurationError

CASES = (
    Case("single", "single notifications", catalogue.OURS),
    Case("batch", f"batches of {MEMBERS}", catalogue.OURS, members=MEMBERS),
    Case("refused", "no events, quarantined", catalogue.OURS, content=Content.NO_EVENT),
    Case("unknown-type", "events of an unknown type", catalogue.OURS, content=Content.UNKNOWN_TYPE),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """One case in one round: this installation, and the other."""

    case: Case
    ours: Sample
    other: Sample


def choose(names: Collection[str]) -> list[Case]:
    """Returns the cases of these names; of no names, all.

    Raises:
        ConfigurationError: a name is of no case; the message names those there are.
    """
    if unknown := set(names) - {case.name for case in CASES}:
        there_are = ", ".join(case.name for case in CASES)
        raise ConfigurationError(f"no case is named {', '.join(sorted(unknown))}: {there_are}")
    return [case for case in CASES if not names or case.name in names]


def take(bench: Bench, cases: Sequence[Case], other: Contender, rounds: int) -> list[Pair]:
    """Measures every case of both installations in every round, each on its own fresh database.

    Every other round begins with the other one: a drift of the machine favours neither.
    """
    pairs: list[Pair] = []
    for round_ in range(1, rounds + 1):
        for case in cases:
            contenders = (case.contender, other) if round_ % 2 else (other, case.contender)
            samples: dict[str, Sample] = {}
            for contender in contenders:
                sample = measure(bench, replace(case, contender=contender), round_)
                samples[contender.name] = sample
                name = f"round {round_}  {case.name:14} {contender.name:8}"
                bench.say(f"{name} {sample.rate:9.0f} events/s {sample.cpu_us or 0:7.1f} µs")
            pairs.append(Pair(case, samples[case.contender.name], samples[other.name]))
    return pairs
