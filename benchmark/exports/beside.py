"""The intake at a fixed rate, alone and beside exports, one after the other without a pause."""

import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context

from benchmark.contenders.contender import Instance
from benchmark.exports.leaving import TIMEOUT_SECONDS, Export
from benchmark.load.notifications import new_series
from benchmark.load.open_loop import find_percentile, send


@dataclass(frozen=True, slots=True)
class Beside:
    """How late answers to notifications were.

    Attributes:
        exported: events that left meanwhile, in exports that ended.
        refused: answers other than 204.
    """

    p50_ms: float
    p99_ms: float
    exported: int
    refused: int


def send_beside(
    running: Instance, token: str, *, rate: float, seconds: float, is_beside: bool
) -> Beside:
    """Sends notifications at a rate, beside exports or alone.

    Args:
        token: of a reader.
    """
    series = new_series()
    if not is_beside:
        answers = send(running.address, running.token, series.body, rate=rate, seconds=seconds)
        exported = 0
    else:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            # The process has started once it answers.
            pool.submit(int).result()
            exporting = pool.submit(export_for, running.address, token, seconds)
            answers = send(running.address, running.token, series.body, rate=rate, seconds=seconds)
            exported = exporting.result()
    late = [answer.seconds * 1000 for answer in answers]
    return Beside(
        find_percentile(late, 0.5),
        find_percentile(late, 0.99),
        exported,
        sum(answer.status != 204 for answer in answers),
    )


def export_for(address: str, token: str, seconds: float) -> int:
    """Begins exports until so much time has passed; returns how many events left."""
    events = 0
    ends_at = time.monotonic() + seconds
    export = Export("ndjson")
    connection = HTTPConnection(address.removeprefix("http://"), timeout=TIMEOUT_SECONDS)
    with closing(connection):
        while time.monotonic() < ends_at:
            events += export(connection, token)
    return events
