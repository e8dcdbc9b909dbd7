"""`python -m benchmark.exports`: exports beside a reader of pages, and beside the intake."""

from contextlib import ExitStack
from typing import Annotated

import typer

from benchmark.contenders import catalogue, ours
from benchmark.contenders.contender import Place
from benchmark.exports.beside import send_beside
from benchmark.exports.leaving import Left, leave
from benchmark.fleet import facts, projecting
from benchmark.fleet.asking import READER_TOKEN
from benchmark.fleet.fleet import Shape, find_fleet
from benchmark.load.open_loop import find_percentile
from benchmark.machine import postgres
from benchmark.machine.folders import open_folder
from benchmark.machine.processes import leave_on_signals

EVENTS_OF_A_DEVICE = 100


def main(
    events: Annotated[int, typer.Option(min=1000, help="To take out.")] = 500_000,
    rounds: Annotated[int, typer.Option(min=1, help="Of everything.")] = 3,
    rate: Annotated[float, typer.Option(min=1, help="Notifications a second, beside.")] = 500.0,
    seconds: Annotated[float, typer.Option(min=1, help="Of each run of the intake.")] = 10.0,
    database_url: Annotated[
        str | None,
        typer.Option(help="A server to use, by a superuser. Default: an embedded one."),
    ] = None,
) -> None:
    """Measure how fast events leave, and what an export does to the intake."""
    leave_on_signals()
    with ExitStack() as stack:
        folder = stack.enter_context(open_folder())
        server = stack.enter_context(postgres.open_server(folder, database_url))
        url = stack.enter_context(server.make_database("exports"))
        ours.prepare(url)
        ours.make_credential(url, "reader", READER_TOKEN)
        facts.fill(url, find_fleet(url, Shape(events, events // EVENTS_OF_A_DEVICE)), say)
        # Or the projector would do it beside.
        projecting.rebuild(url)
        running = stack.enter_context(catalogue.OURS.start(Place(url, folder)))
        ratios: dict[str, list[float]] = {}
        for _ in range(rounds):
            first, *exports = leave(running.address, running.pid, server, READER_TOKEN)
            show_left(first)
            for export in exports:
                show_left(export)
                ratios.setdefault(export.way, []).append(export.rate / first.rate)
        for way, found in ratios.items():
            show_ratios(f"{way} / {first.way}, events/s", found)
        late = []
        for _ in range(rounds):
            p99 = []
            for is_beside in (False, True):
                one = send_beside(
                    running, READER_TOKEN, rate=rate, seconds=seconds, is_beside=is_beside
                )
                what = f"{rate:g} notifications/s, {'beside exports' if is_beside else 'alone'}"
                told = f"p50 {one.p50_ms:.1f} ms, p99 {one.p99_ms:.1f} ms, {one.refused} not 204"
                show(what, told + (f", {one.exported:,} events out" if is_beside else ""))
                p99.append(one.p99_ms)
            late.append(p99[1] / p99[0])
        show_ratios("p99 of the intake, beside exports / alone", late)


def show_left(left: Left) -> None:
    """Prints how fast all events left, and what an event cost."""
    cpu = f"{left.server_cpu_seconds / left.events * 1e6:.1f} µs of the service"
    if left.postgres_cpu_seconds is not None:
        cpu += f", {left.postgres_cpu_seconds / left.events * 1e6:.1f} µs of Postgres"
    show(left.way, f"{left.rate:,.0f} events/s, {cpu}")


def show_ratios(name: str, ratios: list[float]) -> None:
    """Prints the middle of the ratios of the rounds, the lowest and the highest."""
    median = find_percentile(ratios, 0.5)
    show(name, f"{median:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def show(name: str, value: str) -> None:
    """Prints one figure."""
    typer.echo(f"{name:46} {value}")


def say(line: str) -> None:
    """Tells on stderr what is going on."""
    typer.echo(line, err=True)


if __name__ == "__main__":
    typer.run(main)
