"""Databases of several sizes, filled and derived."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.contenders import catalogue, ours
from benchmark.contenders.contender import Place
from benchmark.fleet import facts, projecting
from benchmark.fleet.asking import READER_TOKEN
from benchmark.fleet.fleet import Fleet, Shape, find_fleet
from benchmark.machine import postgres
from benchmark.measuring.bench import Bench
from benchmark.measuring.growth import Filling
from receiver.errors import ConfigurationError

GIBIBYTE = 2**30
EVENTS_OF_A_DEVICE = 100
# Numbers of devices end in a zero: the last digit tells what a device reports.
TEN = 10
# Measured: 1.25 kB an event with its identity and what is derived; the log takes the rest.
EVENT_BYTES = 1600


@dataclass(frozen=True, slots=True)
class Stock:
    """One database and the fleet in it."""

    url: str
    fleet: Fleet

    @property
    def title(self) -> str:
        """Names its size."""
        return self.fleet.shape.title

    def place(self, folder: Path) -> Place:
        """Returns where a service on it runs."""
        return Place(self.url, folder)


def list_shapes(events: Sequence[int]) -> list[Shape]:
    """Returns the fleets of these sizes, the smallest first, and one whose devices are all even.

    That one has as many events as the smallest that has any, each of another device: Postgres then
    expects other things of its indexes.
    """
    sizes = sorted(set(events))
    some = [one for one in sizes if one]
    empty = [Shape(0, _devices(max(some, default=0)))] if 0 in sizes else []
    even = [Shape(some[0], _round(some[0]), is_even=True)] if some else []
    return [*empty, *(Shape(one, _devices(one)) for one in some), *even]


def require_room(folder: Path, shapes: Sequence[Shape]) -> None:
    """Refuses to fill a disk; a server elsewhere has its own.

    Raises:
        ConfigurationError: the message says how much is needed, and where.
    """
    needed = EVENT_BYTES * sum(one.events for one in shapes)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise ConfigurationError(
            f"these sizes need {needed / GIBIBYTE:.0f} GiB, and {folder.parent} has"
            f" {free / GIBIBYTE:.0f}; TMPDIR names another folder, --events smaller sizes"
        )


def stock(bench: Bench, url: str, shape: Shape) -> tuple[Stock, Filling]:
    """Fills a prepared database and derives everything."""
    ours.make_credential(url, "reader", READER_TOKEN)
    fleet = find_fleet(url, shape)
    begin = time.monotonic()
    derive_seconds = 0.0
    if shape.events:
        facts.fill(url, fleet, bench.say)
        derive_seconds, _ = projecting.rebuild(url)
        facts.vacuum(url, facts.DERIVED)
    seconds = time.monotonic() - begin - derive_seconds
    stocked = Stock(url, fleet)
    bench.say(f"{stocked.title}: written in {seconds:.0f} s, derived in {derive_seconds:.0f} s")
    disk_bytes = postgres.ask_number(url, postgres.DISK)
    return stocked, Filling(
        stocked.title,
        shape.events,
        shape.devices,
        shape.is_even,
        seconds,
        derive_seconds,
        disk_bytes,
    )


def make_url(bench: Bench) -> str:
    """Makes a prepared database that stays as long as the benchmark's stack; returns its URL."""
    return bench.stack.enter_context(bench.make_database(catalogue.OURS))


def _devices(events: int) -> int:
    return _round(events // EVENTS_OF_A_DEVICE)


def _round(devices: int) -> int:
    return max(TEN, devices - devices % TEN)
