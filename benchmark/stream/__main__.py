"""`python -m benchmark.stream`: what the intake pays for those who listen to the live stream."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated

import typer

from benchmark.contenders import catalogue, ours
from benchmark.contenders.contender import Instance, Place
from benchmark.fleet.asking import READER_TOKEN
from benchmark.load import open_loop
from benchmark.load.notifications import new_series
from benchmark.load.open_loop import find_percentile
from benchmark.machine import postgres
from benchmark.machine.folders import open_folder
from benchmark.machine.processes import leave_on_signals, read_cpu_seconds
from benchmark.stream.listening import listening
from receiver.errors import ReceiverError

NUMBERS = (0, 1, 20, 200)
WARM_SECONDS = 1.0
# What was stored last is told within it.
TELL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Run:
    """The intake beside some listeners.

    Attributes:
        stored: notifications that were answered 204.
        told: events that all listeners got together.
        ended: streams that the service ended.
        cpu_us: of the service, for each notification.
    """

    listeners: int
    round: int
    rate: float
    stored: int
    told: int
    ended: int
    p50_ms: float
    p99_ms: float
    cpu_us: float


def main(
    rate: Annotated[float, typer.Option(min=1, help="Events a second.")] = 300.0,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="Of each run.")] = 10.0,
    database_url: Annotated[
        str | None,
        typer.Option(help="A server to use, by a superuser. Default: an embedded one."),
    ] = None,
) -> None:
    """Measure the intake at a fixed rate while nobody, and up to 200, listen to all of it."""
    with ExitStack() as stack:
        folder = stack.enter_context(open_folder())
        server = stack.enter_context(postgres.open_server(folder, database_url))
        url = stack.enter_context(server.make_database("stream"))
        ours.prepare(url)
        ours.make_credential(url, "reader", READER_TOKEN)
        running = stack.enter_context(catalogue.OURS.start(Place(url, folder)))
        runs = []
        for run in take(running, NUMBERS, rate=rate, rounds=rounds, seconds=seconds):
            show_run(run)
            runs.append(run)
        show_costs(runs)


def take(
    running: Instance, numbers: Sequence[int], *, rate: float, rounds: int, seconds: float
) -> Iterator[Run]:
    """Takes every number of listeners in each round; every other round goes backwards."""
    open_loop.send(
        running.address, running.token, new_series().body, rate=rate, seconds=WARM_SECONDS
    )
    for round_ in range(1, rounds + 1):
        for listeners in numbers if round_ % 2 else reversed(numbers):
            yield _take_one(running, listeners, round_, rate, seconds)


def _take_one(running: Instance, listeners: int, round_: int, rate: float, seconds: float) -> Run:
    with listening(running.address, listeners) as heard:
        used, begin = read_cpu_seconds(running.pid), time.monotonic()
        answers = open_loop.send(
            running.address, running.token, new_series().body, rate=rate, seconds=seconds
        )
        taken = time.monotonic() - begin
        time.sleep(TELL_SECONDS)
        used = read_cpu_seconds(running.pid) - used
    stored = sum(answer.status == 204 for answer in answers)
    latencies = [answer.seconds * 1000 for answer in answers]
    p50, p99 = (find_percentile(latencies, share) for share in (0.5, 0.99))
    cpu_us = used / max(1, stored) * 1_000_000
    return Run(
        listeners, round_, stored / taken, stored, heard.events, heard.ended, p50, p99, cpu_us
    )


def show_run(run: Run) -> None:
    """Prints one run."""
    missing = run.listeners * run.stored - run.told
    show(
        f"round {run.round}, {run.listeners} listeners",
        f"{run.rate:,.0f} events/s, p50 {run.p50_ms:.1f} ms, p99 {run.p99_ms:.1f} ms,"
        f" {run.cpu_us:,.0f} us/event of the service; {missing} not told, {run.ended} ended",
    )


def show_costs(runs: Sequence[Run]) -> None:
    """Prints what a listener costs, in the median of the rounds."""
    costs = {
        number: find_percentile([run.cpu_us for run in runs if run.listeners == number], 0.5)
        for number in sorted({run.listeners for run in runs})
    }
    alone = costs.get(0, 0.0)
    for number, cost in costs.items():
        each = f", {(cost - alone) / number:.1f} us for each listener" if number else ""
        show(f"{number} listeners", f"{cost:,.0f} us/event of the service{each}")


def show(name: str, value: str) -> None:
    """Prints one figure."""
    typer.echo(f"{name:26} {value}")


if __name__ == "__main__":
    leave_on_signals()
    try:
        typer.run(main)
    except ReceiverError as error:
        sys.exit(str(error))
