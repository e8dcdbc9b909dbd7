"""`python -m benchmark.retention`: what the intake pays while months are dropped."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from typing import Annotated

import typer

from benchmark.contenders import catalogue
from benchmark.fleet.asking import READER_TOKEN, Reader
from benchmark.fleet.fleet import Fleet, Shape
from benchmark.growth.stock import EVENTS_OF_A_DEVICE, make_url, stock
from benchmark.load import wrk
from benchmark.load.open_loop import find_percentile
from benchmark.machine.processes import leave_on_signals
from benchmark.measuring.bench import Bench
from benchmark.measuring.opening import open_bench
from benchmark.retention.phases import ALONE, DROPPING, PHASES, REPORTS, ROUNDS_MAX, Phase, take
from receiver.errors import ReceiverError

# As many requests as keep one worker busy.
CONNECTIONS = 64
ASKED = 200
# The first event that is kept, and the time of the answer.
CHANGING = ("firstEvent", "asOf")


def main(
    events: Annotated[
        int, typer.Option(min=1000, help="Of six months, five of which can be dropped.")
    ] = 200_000,
    rounds: Annotated[
        int, typer.Option(min=1, max=ROUNDS_MAX, help="Each drops the oldest month.")
    ] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="Of each phase.")] = 30.0,
    database_url: Annotated[
        str | None,
        typer.Option(help="A server to use, by a superuser. Default: an embedded one."),
    ] = None,
    install: Annotated[bool, typer.Option("--install", help="apt-get wrk, as root.")] = False,
) -> None:
    """Measure the intake at full speed while months are dropped beside two open reports."""
    with ExitStack() as stack:
        bench = open_bench(stack, database_url, seconds, say, install=install)
        show_phases(bench, make_url(bench), Shape(events, events // EVENTS_OF_A_DEVICE), rounds)


def show_phases(bench: Bench, url: str, shape: Shape, rounds: int) -> Sequence[Phase]:
    """Fills a prepared database, takes all phases on it, and shows them and what they make."""
    stocked, _ = stock(bench, url, shape)
    drive = partial(wrk.drive, bench.programs.wrk, connections=CONNECTIONS)
    phases = []
    with catalogue.OURS.start(stocked.place(bench.folder)) as running:
        before = read_answers(running.address, stocked.fleet)
        for phase in take(url, running, drive, rounds=rounds, seconds=bench.seconds):
            show_phase(phase)
            phases.append(phase)
        after = read_answers(running.address, stocked.fleet)
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    show_ratios(phases)
    show("answers about devices, changed", f"{changed} of {len(before)}")
    show("503, or no answer", str(sum(one.driven.refused + one.driven.failed for one in phases)))
    show("acknowledged and not stored", str(sum(one.missing for one in phases)))
    return phases


def read_answers(address: str, fleet: Fleet) -> list[dict[str, object]]:
    """Returns what is answered about some devices, but for their history and when it is."""
    numbers = sorted(set(fleet.choose(ASKED, by_traffic=False)))
    paths = (
        f"/devices/{fleet.ids[number]}{path}" for number in numbers for path in ("", "/status")
    )
    with closing(Reader(address, READER_TOKEN)) as reader:
        answers = [reader.ask(path) for path in paths]
    return [{name: one[name] for name in one if name not in CHANGING} for one in answers]


def show_phase(phase: Phase) -> None:
    """Prints what one phase was."""
    driven, dropped = phase.driven, phase.dropped
    show(
        f"round {phase.round}, {phase.what}",
        f"{phase.rate:,.0f} events/s, p50 {driven.p50_ms:.1f} ms, p99 {driven.p99_ms:.1f} ms",
    )
    for began, ended in phase.counts:
        show("  a report counted, at its begin and end", f"{began:,} and {ended:,}")
    if dropped is not None:
        names = ", ".join(dropped.names)
        show(f"  {names} is gone", f"{dropped.seconds:.1f} s, {dropped.refusals} tries in vain")


def show_ratios(phases: Sequence[Phase]) -> None:
    """Prints what each phase makes of the one alone, in the median of the rounds."""
    by_round = [
        {one.what: one for one in phases if one.round == round_}
        for round_ in sorted({one.round for one in phases})
    ]
    for what in PHASES:
        if what == ALONE:
            continue
        p99 = [one[what].driven.p99_ms / one[ALONE].driven.p99_ms for one in by_round]
        rate = [one[what].rate / one[ALONE].rate for one in by_round]
        show(f"p99 {what} / alone", _spread(p99))
        show(f"rate {what} / alone", _spread(rate))
    p99 = [one[DROPPING].driven.p99_ms / one[REPORTS].driven.p99_ms for one in by_round]
    show(f"p99 {DROPPING} / {REPORTS}", _spread(p99))


def _spread(ratios: list[float]) -> str:
    median = find_percentile(ratios, 0.5)
    return f"{median:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def show(name: str, value: str) -> None:
    """Prints one figure."""
    typer.echo(f"{name:46} {value}")


def say(line: str) -> None:
    """Tells on stderr what is going on."""
    typer.echo(line, err=True)


if __name__ == "__main__":
    leave_on_signals()
    try:
        typer.run(main)
    except ReceiverError as error:
        sys.exit(str(error))
