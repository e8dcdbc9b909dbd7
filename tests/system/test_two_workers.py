"""Two processes: the same notification at both is stored once, and a session holds at both."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from receiver.client import Client
from tests.support.between import seeded
from tests.support.clients import open_client
from tests.support.processes import workers_among
from tests.support.service import (
    Installation,
    Service,
    notification,
    status_of,
    until,
)
from tests.system.conftest import SEED_EVENT

TIMES = 50
ROUNDS = 4


@pytest.fixture(scope="module")
def installation(seed: Path) -> Iterator[Installation]:
    """An installation that was started before, for the tests of this file."""
    with seeded(seed) as installation:
        yield installation


@pytest.fixture(scope="module")
def service(installation: Installation) -> Iterator[Service]:
    """Its service, both of whose workers run."""
    with installation.serve("--workers", "2") as service:
        # The address is printed before the workers are started.
        assert until(lambda: len(workers_among(service.family())) == 2)
        yield service


def post_at_once(service: Service, token: str, event: dict[str, object]) -> list[int]:
    """The answers to as many posts of one event, each on its own connection."""
    barrier = threading.Barrier(TIMES)
    with Client(service.address, token=token, retries=0) as client:

        def post(_: int) -> int:
            barrier.wait()
            return status_of(lambda: client.post_notification(event), 204)

        with ThreadPoolExecutor(TIMES) as senders:
            return list(senders.map(post, range(TIMES)))


def test_a_link_signs_in_once_and_every_worker_knows_the_session(
    installation: Installation, service: Service
) -> None:
    link = installation.run_here("console").stdout.strip()
    service.http.get(link)
    # A connection stays at its worker; of ten, each has some.
    for _ in range(10):
        with open_client(service.address, cookies=service.http.cookies) as other:
            assert other.get("/console/fleet").status_code == 200
            assert other.get(link).status_code == 401


def test_the_same_notification_at_two_workers_is_one_row_and_every_delivery_counts(
    installation: Installation, service: Service
) -> None:
    for number in range(ROUNDS):
        answers = post_at_once(service, installation.token("sink"), notification(f"{number}"))
        assert answers == [204] * TIMES
    rows = installation.ask(
        "SELECT event.event_id, deliveries FROM event_identity"
        " JOIN event USING (device_id, digest) ORDER BY event.event_id"
    )
    assert rows == [*(f"{number}|{TIMES}" for number in range(ROUNDS)), f"{SEED_EVENT}|1"]
