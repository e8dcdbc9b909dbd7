"""A Postgres that is frozen: each caller is answered in bounded time, and all heals with it.

Its kernel goes on, so that connections are taken and bytes acknowledged, and nothing is answered.
"""

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from receiver.client import Client
from tests.support.between import way_to
from tests.support.own_postgres import OwnPostgres, own_postgres
from tests.support.service import (
    Installation,
    Service,
    copy,
    notification,
    open_folder,
    status_of,
)
from tests.support.service import until as until_so

# Short limits, so that the test takes little longer.
SETTINGS = {
    "RECEIVER_COMMIT_TIMEOUT_SECONDS": "0.8",
    "RECEIVER_PATIENCE_SECONDS": "0.8",
    "RECEIVER_POOL_TIMEOUT_SECONDS": "1",
    "RECEIVER_QUERY_TIMEOUT_SECONDS": "1",
    "RECEIVER_SHUTDOWN_TIMEOUT_SECONDS": "1",
    "RECEIVER_CREDENTIAL_REFRESH_SECONDS": "0.5",
    "RECEIVER_CREDENTIAL_TRUST_SECONDS": "1",
}
# Sent once the trust in the credentials is over.
LATER = "notification beyond the trust"

STARTED = '"event": "serving"'

# Of a machine that runs other tests as well.
MARGIN_SECONDS = 2.0

# Of a caller whom nobody gave a token.
NOBODY = "nobodys-token"


@dataclass(frozen=True, slots=True)
class Site:
    """A Postgres, an installation of the service on it, and the tokens of its callers."""

    postgres: OwnPostgres
    installation: Installation
    sink: str
    reader: str


@pytest.fixture
def site(seed: Path) -> Iterator[Site]:
    """A Postgres as the first start left it, and a service that is told its URL."""
    with open_folder() as folder:
        copy(seed, folder / "server")
        with own_postgres(folder / "server") as postgres, way_to(postgres.conninfo) as way:
            first = Installation(folder, "server")
            installation = Installation(folder, "service", {**way, **SETTINGS})
            yield Site(postgres, installation, first.token("sink"), first.token("reader"))


@dataclass(frozen=True, slots=True)
class Probe:
    """A call that returns the status of its answer, and the longest time that this takes."""

    ask: Callable[[Service], int]
    limit_seconds: float


def probes(site: Site) -> dict[str, Probe]:
    """Returns every kind of request that meets the database, and those that do not."""

    def call(token: str, question: Callable[[Client], object]) -> Callable[[Service], int]:
        return lambda service: status_of(lambda: question(service.ask_as(token)))

    def ask(client: Client) -> object:
        return client.retrieve_device(phone_number="+99999991042")

    def post(token: str, body: object) -> Callable[[Service], int]:
        return lambda service: service.post(body, token)

    def beyond_trust(service: Service) -> int:
        time.sleep(1.3)
        return service.post(notification(), site.sink)

    return {
        "alive": Probe(call(site.reader, Client.get_liveness), 0.0),
        "ready": Probe(call(site.reader, Client.get_readiness), 3.0),
        "metrics": Probe(call(site.reader, Client.get_metrics), 2.0),
        "notification": Probe(post(site.sink, notification()), 1.5),
        LATER: Probe(beyond_trust, 1.3 + 10.0),
        "refused body": Probe(post(site.sink, {}), 10.0),
        "stranger": Probe(post(NOBODY, notification()), 10.0),
        "question": Probe(call(site.reader, ask), 10.0),
        "question of a stranger": Probe(call(NOBODY, ask), 10.0),
    }


def answers(service: Service, asked: dict[str, Probe]) -> dict[str, tuple[int, bool]]:
    """Asks all at once; returns for each its status, and whether it came in time."""

    def ask(probe: Probe) -> tuple[int, bool]:
        began = time.monotonic()
        status = probe.ask(service)
        return status, time.monotonic() - began < probe.limit_seconds + MARGIN_SECONDS

    with ThreadPoolExecutor(len(asked)) as pool:
        return dict(zip(asked, pool.map(ask, asked.values()), strict=True))


WELL = {
    "alive": 200,
    "ready": 200,
    "metrics": 200,
    "notification": 204,
    LATER: 204,
    "refused body": 400,
    "stranger": 401,
    "question": 404,
    "question of a stranger": 401,
}
FROZEN = dict.fromkeys(WELL, 503) | {"alive": 200, "metrics": 200}


def expected(statuses: dict[str, int]) -> dict[str, tuple[int, bool]]:
    return {name: (status, True) for name, status in statuses.items()}


STOP_SECONDS = 1 + 15


def stop(service: Service, asked: dict[str, Probe]) -> Counter[int]:
    """Stops a service while all of it are asked; returns the statuses of what was answered."""
    with ThreadPoolExecutor(len(asked)) as pool:
        asking = [pool.submit(probe.ask, service) for probe in asked.values()]
        time.sleep(0.5)
        began = time.monotonic()
        service.process.terminate()
        assert until_so(lambda: is_door_closed(service))
        assert service.process.poll() is None
        closed_seconds = time.monotonic() - began
        assert service.wait() == 0
        assert closed_seconds < 1 + MARGIN_SECONDS
        assert time.monotonic() - began < STOP_SECONDS + MARGIN_SECONDS
        return Counter(call.result() for call in asking)


def is_door_closed(service: Service) -> bool:
    address = urlsplit(service.address)
    try:
        socket.create_connection((address.hostname, address.port), 10).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.long)])
def test_while_postgres_is_frozen_all_are_answered_in_time_and_a_stop_ends(
    site: Site, workers: int
) -> None:
    asked = probes(site)
    at_once = {name: probe for name, probe in asked.items() if name != LATER}
    with site.installation.serve("--workers", str(workers)) as service:
        assert until_so(lambda: service.stderr.count(STARTED) == workers)
        with site.postgres.frozen():
            assert answers(service, asked) == expected(FROZEN)
        well = {name: status for name, status in expected(WELL).items() if name != LATER}
        assert until_so(lambda: answers(service, at_once) == well)
        with site.postgres.frozen():
            assert stop(service, at_once).keys() == {200, 503}
        assert "Traceback" not in service.stderr
