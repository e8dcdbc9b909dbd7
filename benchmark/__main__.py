"""`python -m benchmark`: measures the service beside others, and beside another installation."""

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from benchmark.contenders import catalogue
from benchmark.contenders.contender import Contender
from benchmark.growth.growing import choose_effort
from benchmark.machine import description
from benchmark.machine.processes import ROOT, leave_on_signals
from benchmark.measuring import results
from benchmark.measuring.bench import Bench
from benchmark.measuring.opening import open_bench
from benchmark.measuring.results import OUTPUT, Results
from benchmark.page import growth, tables
from benchmark.page.comparison import comparison
from benchmark.parts import against
from benchmark.plan import Part, Plan, carry_out, title_all
from receiver.errors import ConfigurationError, ReceiverError


def main(
    part: Annotated[list[Part] | None, typer.Option(help="What to measure. Default: all.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Cases of the throughput or the comparison. All.")
    ] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Default: 5, quick 1.")] = None,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="For each case. Default: 10, quick 3.")
    ] = None,
    soak: Annotated[
        float | None, typer.Option(min=0, help="Seconds of the soak. Default: 600, quick 0.")
    ] = None,
    events: Annotated[
        list[int] | None,
        typer.Option(min=0, help="A size of the growth. Default: 0, 1 and 20 million."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few cases, briefly.")] = False,
    database_url: Annotated[
        str | None,
        typer.Option(help="A server to use, by a superuser. Default: an embedded one."),
    ] = None,
    receiver: Annotated[
        Path | None,
        typer.Option(
            "--against",
            exists=True,
            dir_okay=False,
            metavar="RECEIVER",
            help="Compare with another installation alone: the path of its `receiver`.",
        ),
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help="apt-get wrk, Go and npm as far as missing, as root.")
    ] = False,
    add: Annotated[
        bool, typer.Option("--add", help="Keep other parts that the output has.")
    ] = False,
    output: Annotated[Path, typer.Option(help="Where the results go.")] = OUTPUT,
) -> None:
    """Measure this service beside what others would write, and beside the machine's limits."""
    if receiver is not None and (part or add or soak):
        raise ConfigurationError("--against is a run of its own, without --part, --add and --soak")
    soak_seconds = (0.0 if quick else 600.0) if soak is None else soak
    plan = Plan(
        parts=frozenset(part or Part) - (frozenset() if soak_seconds else {Part.SOAK}),
        only=frozenset(only or ()),
        rounds=rounds or (1 if quick else 5),
        seconds=seconds or (3.0 if quick else 10.0),
        steady_seconds=5.0 if quick else 30.0,
        soak_seconds=soak_seconds,
        quick=quick,
        growth=choose_effort(events, rounds, quick=quick),
    )
    with ExitStack() as stack:
        bench = open_bench(stack, database_url, plan.seconds, say, install=install)
        if receiver is not None:
            typer.echo(f"\n{_compared(bench, plan, receiver.absolute())}")
            return
        found = _measured(bench, plan, old=output if add else None, install=install)
    results.write(found, output)
    for shown in (
        tables.machine,
        tables.throughput,
        tables.footprint,
        *growth.TABLES,
        tables.targets,
    ):
        typer.echo(f"\n{shown(found)}")
    say(f"\nwritten to {output}")


def _compared(bench: Bench, plan: Plan, receiver: Path) -> str:
    """Returns the table, and above it what is compared."""
    ours, other = description.commit(ROOT), description.commit(receiver.parent)
    cases = against.choose(plan.only)
    pairs = against.take(bench, cases, catalogue.make_installation(receiver), plan.rounds)
    title = f"this one: {ours}; the other: {other}; rounds: {plan.rounds}, {plan.seconds:g} s each"
    return f"{title}\n\n{comparison(pairs)}"


def _measured(bench: Bench, plan: Plan, *, old: Path | None, install: bool) -> Results:
    skipped = [] if bench.programs.pgbench else ["pgbench: it is not installed"]
    foreign = [name for name in catalogue.FOREIGN if plan.has_contender(name)]
    cases = plan.choose_cases(make_foreign(foreign, skipped, install=install))
    fresh = Results(
        description.describe(), bench.server.read_settings(), title_all(cases), skipped=skipped
    )
    if old is not None and old.exists():
        before = results.read(old)
        fresh = replace(
            before,
            machine=fresh.machine,
            postgres=fresh.postgres,
            titles={**before.titles, **fresh.titles},
            skipped=list(dict.fromkeys([*before.skipped, *skipped])),
        )
    return carry_out(plan, bench, cases, fresh)


def make_foreign(names: Iterable[str], skipped: list[str], *, install: bool) -> list[Contender]:
    """Returns what can be installed of programs in other languages; says and adds what cannot."""
    made: list[Contender] = []
    for name in names:
        try:
            made.append(catalogue.FOREIGN[name](install=install))
        except ConfigurationError as error:
            skipped.append(f"{name}: {error}")
            say(skipped[-1])
    return made


def say(line: str) -> None:
    """Tells on stderr what is going on."""
    typer.echo(line, err=True)


if __name__ == "__main__":
    leave_on_signals()
    try:
        typer.run(main)
    except ReceiverError as error:
        sys.exit(str(error))
