"""What deriving costs: how fast it is, how far it is behind, and what intake pays for it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmark.load import open_loop, wrk
from benchmark.load.notifications import Series
from benchmark.machine.postgres import ask_value, connect
from benchmark.machine.processes import read_cpu_seconds
from receiver.store.projector.projecting import Projection

STATEMENT_SECONDS = 600.0
SAMPLE_SECONDS = 0.02
# The age of the oldest event that is not derived yet.
LAG = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(stored_at)), 0)::float
FROM event, projection
WHERE stored_at > now() - interval '1 minute' AND xact >= pg_snapshot_xmin(position::pg_snapshot)
    AND NOT pg_visible_in_snapshot(xact, position::pg_snapshot)
"""


def rebuild(url: str) -> tuple[float, float]:
    """Derives everything anew; returns the seconds that it took, and those of a core."""
    return asyncio.run(_rebuild(url))


async def _rebuild(url: str) -> tuple[float, float]:
    projection = Projection(url, statement_timeout_seconds=STATEMENT_SECONDS, prepare_threshold=5)
    # The first step makes the connection, and finds out that everything is to be derived.
    await projection.derive()
    with connect(url) as connection:
        pid = int(str(ask_value(connection, PROJECTOR)))
    begin, used = time.perf_counter(), read_cpu_seconds(pid)
    await projection.derive_all()
    taken = time.perf_counter() - begin, read_cpu_seconds(pid) - used
    await projection.close()
    return taken


PROJECTOR = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'receiver'
"""


def catch_up(url: str) -> None:
    """Waits until everything is derived."""
    with connect(url) as connection:
        while ask_value(connection, LAG):
            time.sleep(SAMPLE_SECONDS)


@contextmanager
def held(url: str) -> Iterator[None]:
    """Keeps every projector from working for the length of the block."""
    with connect(url) as connection, connection.transaction():
        connection.execute("SELECT FROM projection FOR UPDATE")
        yield


def sample_lag(
    url: str, address: str, token: str, series: Series, *, rate: float, seconds: float
) -> list[float]:
    """Sends notifications at a rate; returns the lag in seconds, many times a second."""
    lags: list[float] = []
    ended = threading.Event()

    def sample() -> None:
        with connect(url) as connection:
            while not ended.wait(SAMPLE_SECONDS):
                lags.append(float(str(ask_value(connection, LAG))))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        answers = open_loop.send(address, token, series.body, rate=rate, seconds=seconds)
    finally:
        ended.set()
        sampler.join()
    amiss = sum(answer.status != 204 for answer in answers)
    if amiss:
        raise RuntimeError(f"{amiss} notifications were not answered 204")
    return lags


def intake(
    drive: Callable[[Series], wrk.WrkRun], url: str, series: Series, *, derives: bool
) -> float:
    """Returns the events a second that are acknowledged, with the projector or without."""
    catch_up(url)
    if derives:
        driven = drive(series)
    else:
        with held(url):
            driven = drive(series)
    return driven.acknowledged / driven.seconds
