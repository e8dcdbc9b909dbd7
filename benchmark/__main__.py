"""`python -m benchmark`: measures the service beside others, and says whether it is fast."""

import signal
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from benchmark.contenders import node_red
from benchmark.contenders.contender import Contender
from benchmark.load.pgbench import find_pgbench
from benchmark.machine import description, postgres
from benchmark.machine.folders import open_folder
from benchmark.machine.programs import find_wrk
from benchmark.measuring import results
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Programs
from benchmark.measuring.results import OUTPUT, Results
from benchmark.page import tables
from benchmark.plan import Part, Plan, carry_out, titles
from receiver.errors import ConfigurationError, ReceiverError

BUSY_SHARE = 0.1


def main(
    part: Annotated[list[Part] | None, typer.Option(help="What to measure. Default: all.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Cases of the throughput part. Default: all.")
    ] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Default: 5, quick 1.")] = None,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="For each case. Default: 10, quick 3.")
    ] = None,
    soak: Annotated[
        float | None, typer.Option(min=0, help="Seconds of the soak. Default: 600, quick 0.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few cases, briefly.")] = False,
    database_url: Annotated[
        str | None,
        typer.Option(help="A server to use, by a superuser. Default: an embedded one."),
    ] = None,
    install: Annotated[bool, typer.Option("--install", help="apt-get wrk, as root.")] = False,
    add: Annotated[
        bool, typer.Option("--add", help="Keep what the output has of other parts.")
    ] = False,
    output: Annotated[Path, typer.Option(help="Where the results are kept.")] = OUTPUT,
) -> None:
    """Measure this service beside what others would write, and beside the machine's limits."""
    soak_seconds = (0.0 if quick else 600.0) if soak is None else soak
    plan = Plan(
        parts=frozenset(part or Part) - (frozenset() if soak_seconds else {Part.SOAK}),
        only=frozenset(only or ()),
        rounds=rounds or (1 if quick else 5),
        seconds=seconds or (3.0 if quick else 10.0),
        steady_seconds=5.0 if quick else 30.0,
        soak_seconds=soak_seconds,
        quick=quick,
    )
    if (busy := description.busy_share()) > BUSY_SHARE:
        say(f"others use {busy:.0%} of this machine: leave it alone, or believe nothing")
    with ExitStack() as stack:
        found = _measured(stack, plan, database_url, install=install, old=output if add else None)
    results.write(found, output)
    for shown in (tables.machine, tables.throughput, tables.footprint, tables.targets):
        typer.echo(f"\n{shown(found)}")
    say(f"\nkept in {output}")


def _measured(
    stack: ExitStack, plan: Plan, database_url: str | None, *, install: bool, old: Path | None
) -> Results:
    wrk = find_wrk(install=install)
    folder = stack.enter_context(open_folder())
    server = stack.enter_context(postgres.server(folder, database_url))
    programs = Programs(wrk, find_pgbench(server))
    skipped = [] if programs.pgbench else ["pgbench: it is not installed"]
    peer = _node_red(skipped) if plan.needs("node-red") else None
    cases = plan.cases(peer)
    fresh = Results(description.describe(), server.settings(), titles(cases), skipped=skipped)
    if old is not None and old.exists():
        before = results.read(old)
        fresh = replace(
            before,
            machine=fresh.machine,
            postgres=fresh.postgres,
            titles={**before.titles, **fresh.titles},
            skipped=list(dict.fromkeys([*before.skipped, *skipped])),
        )
    bench = Bench(server, programs, folder, plan.seconds, say, stack)
    return carry_out(plan, bench, cases, fresh)


def _node_red(skipped: list[str]) -> Contender | None:
    try:
        return node_red.contender()
    except ConfigurationError as error:
        skipped.append(f"Node-RED: {error}")
        say(skipped[-1])
        return None


def say(line: str) -> None:
    """Tells whoever waits what is going on."""
    typer.echo(line, err=True)


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leaves every block on the way out, so that nothing is left running."""
    sys.exit(1)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        typer.run(main)
    except ReceiverError as error:
        sys.exit(str(error))
