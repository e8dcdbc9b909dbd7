"""A fleet's facts in a database, derived, and a service that answers about them."""

from dataclasses import dataclass

from benchmark.contenders.contender import Instance
from benchmark.fleet.fleet import Fleet, Shape

SHAPE = Shape(events=1000, devices=40)


@dataclass(frozen=True, slots=True)
class FilledFleet:
    """The fleet, the URL of its database, and the service."""

    url: str
    fleet: Fleet
    running: Instance
