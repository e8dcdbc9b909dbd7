"""`python -m benchmark.growth`: the part of growth alone, beside what the results already have."""

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from benchmark.growth import growing
from benchmark.machine import description
from benchmark.machine.processes import leave_on_signals
from benchmark.measuring import results
from benchmark.measuring.opening import open_bench
from benchmark.measuring.results import OUTPUT, Results
from benchmark.page import growth
from receiver.errors import ReceiverError


def main(
    events: Annotated[
        list[int] | None,
        typer.Option(min=0, help="A size; repeated. Default: 0, 1 and 20 million."),
    ] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Default: 3, quick 1.")] = None,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Of each run of the intake. Default: 10, quick 3.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="0, 20 and 200 thousand events, briefly.")
    ] = False,
    database_url: Annotated[
        str | None,
        typer.Option(help="A server to use, by a superuser. Default: an embedded one."),
    ] = None,
    install: Annotated[bool, typer.Option("--install", help="apt-get wrk, as root.")] = False,
    output: Annotated[Path, typer.Option(help="Keeps its other parts.")] = OUTPUT,
) -> None:
    """Measure reads, reports and the intake on tables of several sizes."""
    effort = growing.choose_effort(events, rounds, quick=quick)
    length = seconds or (3.0 if quick else 10.0)
    with ExitStack() as stack:
        bench = open_bench(stack, database_url, length, say, install=install)
        settings = bench.server.read_settings()
        found = growing.take(bench, effort)
    before = results.read(output) if output.exists() else Results({}, {}, {})
    taken = f"{growing.describe(effort, length)}, {description.now()}"
    kept = replace(
        before,
        machine=description.describe(),
        postgres=settings,
        taken={**before.taken, "growth": taken},
        growth=found,
    )
    results.write(kept, output)
    for shown in growth.TABLES:
        typer.echo(f"\n{shown(kept)}")
    say(f"\nwritten to {output}")


def say(line: str) -> None:
    """Tells on stderr what is going on."""
    typer.echo(line, err=True)


if __name__ == "__main__":
    leave_on_signals()
    try:
        typer.run(main)
    except ReceiverError as error:
        sys.exit(str(error))
