"""Installations of the product in folders of their own, and services that run on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.between import seeded
from tests.support.service import Installation, Service, notification, open_folder

SEED_EVENT = "stored-at-the-first-start"


@pytest.fixture(scope="session")
def seed() -> Iterator[Path]:
    """A data directory after its first start, with one event; it saves each test an `initdb`."""
    with open_folder() as folder:
        installation = Installation(folder)
        with installation.serve() as service:
            assert service.post(notification(SEED_EVENT), installation.token("sink")) == 204
        yield installation.data_dir


@pytest.fixture
def installation(seed: Path) -> Iterator[Installation]:
    """An installation that was started before, for one test."""
    with seeded(seed) as installation:
        yield installation


@pytest.fixture(scope="session")
def shared_installation(seed: Path) -> Iterator[Installation]:
    """An installation for the tests that neither stop it nor count what others store."""
    with seeded(seed) as installation:
        yield installation


@pytest.fixture(scope="session")
def service(shared_installation: Installation) -> Iterator[Service]:
    """The service that runs on the shared installation."""
    with shared_installation.serve() as service:
        yield service


@pytest.fixture(scope="session")
def sink(shared_installation: Installation) -> str:
    """A token that may post to the service."""
    return shared_installation.token("sink")


@pytest.fixture(scope="session")
def reader(shared_installation: Installation) -> str:
    """A token that may ask it."""
    return shared_installation.token("reader")
