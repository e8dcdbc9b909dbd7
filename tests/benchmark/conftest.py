"""A prepared database of the product, the product on one, and on one with a small fleet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmark.contenders import ours
from benchmark.contenders.contender import Instance, Place
from benchmark.fleet import facts, projecting
from benchmark.fleet.asking import READER_TOKEN
from benchmark.fleet.fleet import find_fleet
from benchmark.machine.postgres import Server
from tests.support.fleet import SHAPE, FilledFleet
from tests.support.service import open_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where contenders print; none of them may be left."""
    with open_folder() as path:
        yield path


@pytest.fixture(scope="package")
def server(postgres: str) -> Server:
    """The server of the tests."""
    return Server(postgres, None)


@pytest.fixture(scope="package")
def prepared(server: Server) -> Iterator[str]:
    """The URL of a database that this installation prepared; nobody is connected to it."""
    with server.make_database("prepared") as url:
        ours.prepare(url)
        yield url


@pytest.fixture(scope="package")
def served(server: Server, prepared: str) -> Iterator[tuple[str, Instance]]:
    """The URL of a database, and this installation on it, for tests that count their own events."""
    with (
        open_folder() as folder,
        server.make_database("served", prepared) as url,
        ours.start(Place(url, folder)) as running,
    ):
        yield url, running


@pytest.fixture(scope="package")
def filled(server: Server, prepared: str) -> Iterator[FilledFleet]:
    """A database with the facts of a fleet, all derived, and this installation on it."""
    with open_folder() as folder, server.make_database("fleet", prepared) as url:
        ours.make_credential(url, "reader", READER_TOKEN)
        fleet = find_fleet(url, SHAPE)
        facts.fill(url, fleet, lambda _: None)
        taken, _ = projecting.rebuild(url)
        assert taken > 0
        facts.vacuum(url, facts.DERIVED)
        with ours.start(Place(url, folder)) as running:
            yield FilledFleet(url, fleet, running)
