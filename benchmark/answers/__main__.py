"""`python -m benchmark.answers`: how fast answers are derived and given, over many events."""

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer

from benchmark.answers.beside import take_beside
from benchmark.contenders import catalogue, ours
from benchmark.contenders.contender import Instance, Place
from benchmark.fleet import facts, projecting
from benchmark.fleet.asking import READER_TOKEN, WARM, Reader, Taken
from benchmark.fleet.fleet import Fleet, Shape, find_fleet
from benchmark.load import open_loop, wrk
from benchmark.load.notifications import new_series
from benchmark.load.open_loop import find_percentile
from benchmark.machine import postgres
from benchmark.machine.folders import open_folder
from benchmark.machine.processes import leave_on_signals
from benchmark.machine.programs import find_wrk

# As many requests as keep one worker busy.
CONNECTIONS = 64
EVENTS_OF_A_DEVICE = 100
# How long questions are asked beside intake, and what their process needs of it to start.
BESIDE_SECONDS = 20.0
START_SECONDS = 3.0
COUNTRIES = ("FR", "DE", "ES", "IT", "BE")


def main(
    events: Annotated[int, typer.Option(min=1000, help="To ask about.")] = 1_000_000,
    devices: Annotated[
        int | None,
        typer.Option(min=10, help="That they are of. Default: one for each hundred events."),
    ] = None,
    questions: Annotated[int, typer.Option(min=50, help="Of each kind.")] = 1000,
    rate: Annotated[float, typer.Option(min=1, help="Events a second for the lag.")] = 1000.0,
    seconds: Annotated[float, typer.Option(min=1, help="Of each run of the intake.")] = 10.0,
    rounds: Annotated[int, typer.Option(min=1, help="Of the intake.")] = 3,
    database_url: Annotated[
        str | None,
        typer.Option(help="A server to use, by a superuser. Default: an embedded one."),
    ] = None,
) -> None:
    """Measure what deriving costs, and how long answers take."""
    leave_on_signals()
    with ExitStack() as stack:
        folder = stack.enter_context(open_folder())
        server = stack.enter_context(postgres.open_server(folder, database_url))
        url = stack.enter_context(server.make_database("answers"))
        ours.prepare(url)
        ours.make_credential(url, "reader", READER_TOKEN)
        # With few events for each device some devices would have none, and no status.
        fleet = find_fleet(url, Shape(events, devices or events // EVENTS_OF_A_DEVICE))
        facts.fill(url, fleet, say)
        show_rebuild(url, events)
        facts.vacuum(url, facts.DERIVED)
        running = stack.enter_context(catalogue.OURS.start(Place(url, folder)))
        reader = stack.enter_context(closing(Reader(running.address, READER_TOKEN)))
        for taken in take_answers(reader, fleet, questions):
            show_taken(taken)
        program = find_wrk(install=False)
        show_lag(url, running, rate, seconds)
        with asking_beside(f"beside {rate:g} events/s", running, fleet):
            series = new_series()
            open_loop.send(
                running.address, running.token, series.body, rate=rate, seconds=BESIDE_SECONDS
            )
        with asking_beside("beside intake at full speed", running, fleet):
            wrk.drive(
                program,
                running.address,
                running.token,
                new_series(),
                seconds=BESIDE_SECONDS,
                connections=CONNECTIONS,
            )
        show_intake(url, running, program, rounds, seconds)


def show_rebuild(url: str, events: int) -> None:
    """Shows how fast everything is derived anew."""
    taken, of_a_core = projecting.rebuild(url)
    show("rebuild", f"{events / of_a_core:,.0f} events/s of a core, {taken:.0f} s")


def take_answers(reader: Reader, fleet: Fleet, questions: int) -> Iterator[Taken]:
    """Asks each kind of question many times."""
    count = WARM + questions
    some = [fleet.ids[number] for number in fleet.choose(count, by_traffic=False)]
    busy = [fleet.ids[number] for number in fleet.choose(count, by_traffic=True)]
    yield reader.take("status, any device", (f"/devices/{one}/status" for one in some))
    yield reader.take("status, by traffic", (f"/devices/{one}/status" for one in busy))
    month = timedelta(days=31)
    from_ = (datetime.now(UTC) - month).strftime("%Y-%m-%dT%H:%M:%SZ")
    for question in ("intervals?axis=connectivity&", "roaming-sessions?", "availability?"):
        paths = (f"/devices/{one}/{question}from={from_}" for one in busy)
        yield reader.take(f"{question.partition('?')[0]} of a month, by traffic", paths)
    pages = questions // 10
    yield reader.take_pages("fleet, pages of 50", "/devices?limit=50", pages)
    yield reader.take_pages(
        "fleet, roaming, pages of 100", "/devices?roaming=true&limit=100", pages
    )
    choice = random.Random(12)  # noqa: S311 - no secret
    countries = [
        f"/devices?country={choice.choice(COUNTRIES)}&limit=100" for _ in range(WARM + pages)
    ]
    yield reader.take("fleet, in a country, first page of 100", countries)


def show_lag(url: str, running: Instance, rate: float, seconds: float) -> None:
    """Shows how far the projector is behind at a rate that leaves a core free."""
    projecting.catch_up(url)
    lags = projecting.sample_lag(
        url, running.address, running.token, new_series(), rate=rate, seconds=seconds
    )
    p50, p99 = (find_percentile(lags, share) * 1000 for share in (0.5, 0.99))
    show(f"lag at {rate:g} events/s", f"p50 {p50:.0f} ms, p99 {p99:.0f} ms")


@contextmanager
def asking_beside(intake: str, running: Instance, fleet: Fleet) -> Iterator[None]:
    """Asks while the block drives the intake for `BESIDE_SECONDS`, and shows how long it takes."""
    numbers = fleet.choose(1000, by_traffic=False)
    statuses = [f"/devices/{fleet.ids[number]}/status" for number in numbers]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        # The process takes its time to start, and is to end before the intake does.
        seconds = BESIDE_SECONDS - START_SECONDS
        asked = pool.submit(take_beside, running.address, statuses, seconds)
        yield
        for taken in asked.result():
            show_taken(replace(taken, question=f"{taken.question}, {intake}"))


def show_intake(url: str, running: Instance, program: Path, rounds: int, seconds: float) -> None:
    """Shows what intake at full speed pays for the projector."""
    drive = partial(
        wrk.drive,
        program,
        running.address,
        running.token,
        seconds=seconds,
        connections=CONNECTIONS,
    )
    ratios = []
    for round_ in range(rounds):
        rates = {}
        for derives in (True, False) if round_ % 2 else (False, True):
            rates[derives] = projecting.intake(drive, url, new_series(), derives=derives)
        ratios.append(rates[True] / rates[False])
        say(f"round {round_ + 1}: {rates[True]:,.0f} with, {rates[False]:,.0f} without")
    lowest, highest = min(ratios), max(ratios)
    median = find_percentile(ratios, 0.5)
    show("intake with the projector / without", f"{median:.2f} ({lowest:.2f} to {highest:.2f})")


def show_taken(taken: Taken) -> None:
    """Prints how long the answers to a question took."""
    show(
        taken.question,
        f"p50 {taken.p50_ms:.1f} ms, p99 {taken.p99_ms:.1f} ms, max {taken.max_ms:.1f} ms",
    )


def show(name: str, value: str) -> None:
    """Prints one figure."""
    typer.echo(f"{name:46} {value}")


def say(line: str) -> None:
    """Tells on stderr what is going on."""
    typer.echo(line, err=True)


if __name__ == "__main__":
    typer.run(main)
