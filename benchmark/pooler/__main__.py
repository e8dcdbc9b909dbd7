"""`python -m benchmark.pooler`: what the intake pays for a PgBouncer between it and Postgres."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer

from benchmark.contenders import catalogue, ours
from benchmark.contenders.contender import Instance, Place, post
from benchmark.load import wrk
from benchmark.load.notifications import new_series
from benchmark.load.open_loop import find_percentile
from benchmark.machine.processes import leave_on_signals, read_cpu_seconds
from benchmark.measuring import accounting
from benchmark.measuring.bench import Bench
from benchmark.measuring.opening import open_bench
from benchmark.pooler.pooling import pool
from receiver.errors import ReceiverError

# As many requests as keep one worker busy.
CONNECTIONS = 64
DIRECT, POOLED = "directly", "through the pooler"


@dataclass(frozen=True, slots=True)
class Drive:
    """One run of the intake at full speed.

    Attributes:
        cpu_microseconds: for each event: of the service, of Postgres and of the pooler.
        missing: notifications that were answered 204 and are not stored.
    """

    rate: float
    p50_ms: float
    refused: int
    missing: int
    cpu_microseconds: tuple[float, float, float]


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Each drives both, in turn.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, help="Of each drive.")] = 15.0,
    members: Annotated[int, typer.Option(min=1, help="Events in a request.")] = 1,
    connections: Annotated[int, typer.Option(min=1, help="Requests at once.")] = CONNECTIONS,
    database_url: Annotated[
        str | None,
        typer.Option(help="A server to use, by a superuser. Default: an embedded one."),
    ] = None,
    install: Annotated[bool, typer.Option("--install", help="apt-get wrk, as root.")] = False,
) -> None:
    """Measure the intake at full speed with and without PgBouncer in transaction mode."""
    with ExitStack() as stack:
        bench = open_bench(stack, database_url, seconds, say, install=install)
        compare(bench, rounds, members=members, connections=connections)


def compare(
    bench: Bench, rounds: int, *, members: int = 1, connections: int = CONNECTIONS
) -> dict[str, list[Drive]]:
    """Drives a service on each way in every round; every other round goes backwards.

    Each has a database of its own on the one server: in a shared one the projector of one service
    would derive what the other stores.
    """
    drives: dict[str, list[Drive]] = {DIRECT: [], POOLED: []}
    with ExitStack() as stack:
        urls = {way: stack.enter_context(bench.make_database(catalogue.OURS)) for way in drives}
        pooled, pooler_pid = stack.enter_context(pool(urls[POOLED], bench.folder))
        server = bench.server.find_process()
        start = catalogue.OURS.start
        running = {
            DIRECT: stack.enter_context(start(Place(urls[DIRECT], bench.folder))),
            POOLED: stack.enter_context(start(Place(pooled, bench.folder))),
        }
        drive = partial(_drive, bench, server.pid if server else None, pooler_pid)
        for round_ in range(rounds + 1):
            for way in drives if round_ % 2 else reversed(drives):
                one = drive(urls[way], running[way], members=members, connections=connections)
                if round_ == 0:
                    # Of the first connections and plans.
                    continue
                drives[way].append(one)
                show_drive(f"round {round_}, {way}", one)
    show_ratios(drives)
    return drives


def _drive(
    bench: Bench,
    server_pid: int | None,
    pooler_pid: int,
    url: str,
    running: Instance,
    *,
    members: int,
    connections: int,
) -> Drive:
    series = new_series()
    pids = (running.pid, server_pid, pooler_pid)
    before = [read_cpu_seconds(pid) if pid is not None else 0.0 for pid in pids]
    driven = wrk.drive(
        bench.programs.wrk,
        running.address,
        running.token,
        series,
        seconds=bench.seconds,
        connections=connections,
        members=members,
    )
    after = [read_cpu_seconds(pid) if pid is not None else 0.0 for pid in pids]
    # Requests still open at the end of wrk are stored all the same; this one comes after them.
    post(running.address, running.token, new_series())
    events = max(1, driven.acknowledged)
    service, postgres, pooler = (
        (end - begin) / events * 1e6 for begin, end in zip(before, after, strict=True)
    )
    return Drive(
        driven.acknowledged / driven.seconds,
        driven.p50_ms,
        driven.refused + driven.failed,
        accounting.count(url, ours.STORED, series).count_missing(driven.acknowledged),
        (service, postgres, pooler),
    )


def show_drive(name: str, one: Drive) -> None:
    """Prints what one drive was."""
    service, postgres, pooler = one.cpu_microseconds
    told = f"{one.rate:,.0f} events/s, p50 {one.p50_ms:.1f} ms; µs of CPU an event:"
    cpu = f"service {service:.0f}, Postgres {postgres:.0f}, pooler {pooler:.0f}"
    show(name, f"{told} {cpu}; {one.refused} refused, {one.missing} missing")


def show_ratios(drives: dict[str, list[Drive]]) -> None:
    """Prints what the pooler makes of rate and CPU, in the median of the rounds."""
    pairs = list(zip(drives[POOLED], drives[DIRECT], strict=True))
    show("rate, through / directly", _spread([one.rate / other.rate for one, other in pairs]))
    cpu = [sum(one.cpu_microseconds) / sum(other.cpu_microseconds) for one, other in pairs]
    show("CPU an event, through / directly", _spread(cpu))


def _spread(ratios: Sequence[float]) -> str:
    median = find_percentile(list(ratios), 0.5)
    return f"{median:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def show(name: str, value: str) -> None:
    """Prints one figure."""
    typer.echo(f"{name:34} {value}")


def say(line: str) -> None:
    """Tells on stderr what is going on."""
    typer.echo(line, err=True)


if __name__ == "__main__":
    leave_on_signals()
    try:
        typer.run(main)
    except ReceiverError as error:
        sys.exit(str(error))
