"""Faults of processes: killed, frozen, told to end."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.support.processes import living, named, until, workers_among
from tests.system.faults.places import Place
from tests.system.faults.servers import SECONDS, Server

# What its own supervisor takes to start Postgres again.
RESTART_SECONDS = 1.0

# The open requests' share of a stop, as configuration.md says, and what else a stop does.
STOP_SECONDS = 30.0 + 10.0
STOP_AFTER_SECONDS = 5.0


def server_of(place: Place) -> Server:
    """Returns the Postgres of the place."""
    assert place.server is not None
    return place.server


def standby_of(place: Place) -> Server:
    """Returns the standby of the place."""
    assert place.standby is not None
    return place.standby


@contextmanager
def kill_service(place: Place) -> Iterator[None]:
    """Kills the first process of the service; its supervisor starts it again."""
    assert place.service is not None
    place.service.process.kill()
    yield


@contextmanager
def kill_worker(place: Place) -> Iterator[None]:
    """Kills one of the processes that serve, the one with more connections."""
    assert place.service is not None
    workers = workers_among(place.service.family())
    max(workers, key=lambda worker: len(worker.net_connections("tcp"))).kill()
    yield


@contextmanager
def kill_embedded_postmaster(place: Place) -> Iterator[None]:
    """Kills the first process of the service's own Postgres; the service ends, and is restarted."""
    assert place.service is not None
    children = psutil.Process(place.service.process.pid).children()
    [postmaster] = named("postgres", children)
    postmaster.kill()
    yield


@contextmanager
def kill_postmaster(place: Place) -> Iterator[None]:
    """Kills the first process of Postgres; its supervisor starts it again."""
    server_of(place).kill_postmaster()
    time.sleep(RESTART_SECONDS)
    server_of(place).start()
    yield


@contextmanager
def kill_postgres(place: Place) -> Iterator[None]:
    """Kills every process of Postgres; its supervisor starts it again."""
    server_of(place).kill()
    time.sleep(RESTART_SECONDS)
    server_of(place).start()
    yield


@contextmanager
def kill_title(place: Place, title: str) -> Iterator[None]:
    """Kills one process of Postgres, which then restarts all others by itself."""
    server_of(place).kill_one(title)
    yield


@contextmanager
def restart(place: Place, number: int = signal.SIGINT) -> Iterator[None]:
    """Stops Postgres, fast or at once, and starts it again."""
    server_of(place).stop(number)
    server_of(place).start()
    yield


@contextmanager
def freeze_postgres(place: Place) -> Iterator[None]:
    """Stops every process of Postgres, as a stalled disk or a paused machine does."""
    server_of(place).freeze()
    try:
        yield
    finally:
        server_of(place).thaw()


@contextmanager
def freeze_pooler(place: Place) -> Iterator[None]:
    """Stops the pooler between the service and Postgres."""
    assert place.pooler is not None
    place.pooler.suspend()
    try:
        yield
    finally:
        place.pooler.resume()


@contextmanager
def freeze_standby(place: Place) -> Iterator[None]:
    """Stops the standby that every commit waits for."""
    standby_of(place).freeze()
    try:
        yield
    finally:
        standby_of(place).thaw()


@contextmanager
def promote_after_kill(place: Place) -> Iterator[None]:
    """Kills the primary; its standby becomes the primary."""
    server_of(place).kill()
    _promote(place)
    yield


@contextmanager
def promote_after_freeze(place: Place) -> Iterator[None]:
    """Freezes the primary for good; its standby becomes the primary."""
    server_of(place).freeze()
    _promote(place)
    yield


@contextmanager
def wedge(place: Place) -> Iterator[None]:
    """Lets commits hang on a standby, then the primary too; then the standby takes over."""
    standby_of(place).freeze()
    time.sleep(15)
    server_of(place).freeze()
    time.sleep(1)
    standby_of(place).thaw()
    _promote(place)
    yield


def _promote(place: Place) -> None:
    """Makes the standby the primary, which is what holds the events from now on."""
    standby_of(place).promote()
    place.server, place.standby = standby_of(place), server_of(place)


@contextmanager
def end_while_frozen(place: Place) -> Iterator[None]:
    """Tells the service to end while Postgres says nothing."""
    assert place.service is not None
    with freeze_postgres(place):
        time.sleep(STOP_AFTER_SECONDS)
        process = psutil.Process(place.service.process.pid)
        family = [process, *process.children(recursive=True)]
        began = time.monotonic()
        place.service.process.terminate()
        # Its supervisor reaps it, and starts another.
        has_ended = until(lambda: not living(family), 2 * SECONDS)
        seconds = time.monotonic() - began
        if not has_ended or seconds > STOP_SECONDS:
            place.remarks.append(f"the stop took {seconds:.0f} s")
        yield
