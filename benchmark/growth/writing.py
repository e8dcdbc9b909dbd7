"""The intake at full speed on tables of several sizes: events of devices that they have."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext

from psycopg import sql

from benchmark.contenders import catalogue
from benchmark.contenders.contender import Instance, post
from benchmark.fleet import projecting
from benchmark.growth.stock import Stock
from benchmark.load import wrk
from benchmark.load.notifications import Series, new_fleet_series, new_series
from benchmark.machine import postgres
from benchmark.machine.postgres import connect
from benchmark.measuring.bench import WARM_SHARE, Bench, watch
from benchmark.measuring.growth import Written

CONNECTIONS = 64
# A backend tells its counters with its first commit a second after it told them before.
TELLING_SECONDS = 1.1
# No event of a run is older than the run, so that its partition alone is read.
FOUND = """
SELECT count(*) FROM event
WHERE stored_at >= now() - interval '1 hour' AND event_id LIKE {pattern}
"""


def take(bench: Bench, stocks: Sequence[Stock], rounds: int) -> Iterator[Written]:
    """Drives every size in each round: the insert alone, and beside the projector.

    Every other round goes backwards. A size without events is a fresh database each time.
    """
    runs = [(stock, derives) for stock in stocks for derives in (False, True)]
    for round_ in range(1, rounds + 1):
        for stock, derives in runs if round_ % 2 else reversed(runs):
            with _start(bench, stock) as (prepared, running):
                written = write(bench, prepared, running, round_, derives=derives)
            bench.say(
                f"round {round_}  {stock.title:24} {'with' if derives else 'without'} the projector"
                f" {written.rate:9.0f} events/s {written.wal_bytes_each:7.0f} bytes of WAL"
            )
            yield written


def write(bench: Bench, stock: Stock, running: Instance, round_: int, *, derives: bool) -> Written:
    """Drives a service once.

    Args:
        running: it serves the stock's database.
        derives: whether the projector may work meanwhile.

    Raises:
        RuntimeError: an event was acknowledged and is not stored.
    """
    devices = stock.fleet.shape.devices
    _drive(bench, running, new_fleet_series(devices), WARM_SHARE * bench.seconds)
    projecting.catch_up(stock.url)
    series = new_fleet_series(devices)
    with nullcontext() if derives else projecting.held(stock.url):
        images = _count_images(stock, running)
        with watch(bench, running.pid, stock.url) as used:
            driven = _drive(bench, running, series, bench.seconds)
        images = _count_images(stock, running) - images
    projecting.catch_up(stock.url)
    _require_stored(stock.url, series, driven.acknowledged)
    assert used.server_cpu_seconds is not None
    return Written(
        stock.title,
        round_,
        derives,
        driven.seconds,
        driven.acknowledged,
        used.server_cpu_seconds,
        used.postgres_cpu_seconds,
        used.wal_bytes,
        images,
    )


@contextmanager
def _start(bench: Bench, stock: Stock) -> Iterator[tuple[Stock, Instance]]:
    with ExitStack() as stack:
        if not stock.fleet.shape.events:
            url = stack.enter_context(bench.make_database(catalogue.OURS))
            stock = Stock(url, stock.fleet)
        yield stock, stack.enter_context(catalogue.OURS.start(stock.place(bench.folder)))


def _drive(bench: Bench, running: Instance, series: Series, seconds: float) -> wrk.WrkRun:
    """Drives the intake, and returns once every request is settled."""
    driven = wrk.drive(
        bench.programs.wrk,
        running.address,
        running.token,
        series,
        seconds=seconds,
        connections=CONNECTIONS,
    )
    post(running.address, running.token, new_series())
    return driven


def _count_images(stock: Stock, running: Instance) -> int:
    """Returns the pages that the log has whole, once the writer has told of all of them."""
    time.sleep(TELLING_SECONDS)
    post(running.address, running.token, new_series())
    return postgres.ask_number(stock.url, postgres.PAGE_IMAGES)


def _require_stored(url: str, series: Series, acknowledged: int) -> None:
    pattern = sql.Literal(f"{series.tag}-%")
    with connect(url) as connection:
        row = connection.execute(sql.SQL(FOUND).format(pattern=pattern)).fetchone()
    assert row is not None
    if row[0] < acknowledged:
        raise RuntimeError(f"of {acknowledged} acknowledged events {row[0]} are stored")
