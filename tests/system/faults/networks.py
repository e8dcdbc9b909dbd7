"""Faults of the way to Postgres, and of the clocks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.system.faults.places import Place
from tests.system.faults.relay import Relay

RESETS = 20
RESET_PAUSE_SECONDS = 0.2

# Back and forth; the last one is right.
JUMPS = ("2h", "-3h", "5h", "-1h", "0")
JUMP_SECONDS = 1.5

AWAY = "200d"
AHEAD = "3h"


def relay_of(place: Place) -> Relay:
    """Returns what stands between the service and Postgres."""
    assert place.relay is not None
    return place.relay


@contextmanager
def reset(place: Place) -> Iterator[None]:
    """Resets every connection, again and again."""
    for _ in range(RESETS):
        relay_of(place).reset()
        time.sleep(RESET_PAUSE_SECONDS)
    yield


@contextmanager
def swallow(place: Place) -> Iterator[None]:
    """Swallows what passes over the open connections, for ever; new ones work."""
    relay_of(place).swallow()
    yield


@contextmanager
def refuse(place: Place) -> Iterator[None]:
    """Refuses new connections, and resets those that are open."""
    relay_of(place).refuse()
    relay_of(place).reset()
    try:
        yield
    finally:
        relay_of(place).accept()


@contextmanager
def silence_resolver(place: Place) -> Iterator[None]:
    """Resets every connection while the name of the database resolves no more."""
    assert place.resolver is not None
    place.resolver.is_silent = True
    relay_of(place).reset()
    try:
        yield
    finally:
        place.resolver.is_silent = False


@contextmanager
def set_service_ahead(place: Place) -> Iterator[None]:
    """Sets the clock of the service three hours ahead."""
    assert place.clock is not None
    place.clock.set_ahead(AHEAD)
    yield
    place.clock.set_ahead("0")


@contextmanager
def set_database_ahead(place: Place) -> Iterator[None]:
    """Sets the clock of Postgres 200 days ahead, where there is no partition."""
    assert place.database_clock is not None
    place.database_clock.set_ahead(AWAY)
    yield
    place.database_clock.set_ahead("0")


@contextmanager
def let_clocks_jump(place: Place) -> Iterator[None]:
    """Sets both clocks back and forth by hours, each to another time."""
    assert place.clock is not None
    assert place.database_clock is not None
    for offset, other in zip(JUMPS, reversed(JUMPS[:-1]), strict=False):
        place.clock.set_ahead(offset)
        place.database_clock.set_ahead(other)
        time.sleep(JUMP_SECONDS)
    place.clock.set_ahead("0")
    place.database_clock.set_ahead("0")
    yield
