"""A Postgres that is frozen: each caller is answered in bounded time, and all heals with it.

Its kernel goes on, so that connections are taken and bytes acknowledged, and nothing is answered.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.own_postgres import OwnPostgres, own_postgres
from tests.support.service import Installation, Service, bearer, copy, notification, open_folder
from tests.support.service import until as until_so

# Short limits, so that the test takes little longer.
SETTINGS = {
    "RECEIVER_COMMIT_TIMEOUT_SECONDS": "1",
    "RECEIVER_POOL_TIMEOUT_SECONDS": "1",
    "RECEIVER_QUERY_TIMEOUT_SECONDS": "1",
    "RECEIVER_SHUTDOWN_TIMEOUT_SECONDS": "2",
    "RECEIVER_CREDENTIAL_REFRESH_SECONDS": "0.5",
    "RECEIVER_CREDENTIAL_TRUST_SECONDS": "1.5",
}
STARTED = "Application startup complete"

# Of a machine that runs other tests as well.
MARGIN_SECONDS = 2.0

ASK = {"device": {"phoneNumber": "+99999991042"}}


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
        with own_postgres(folder / "server") as postgres:
            first = Installation(folder, "server")
            settings = {"DATABASE_URL": postgres.conninfo, **SETTINGS}
            installation = Installation(folder, "service", settings)
            yield Site(postgres, installation, first.token("sink"), first.token("reader"))


@dataclass(frozen=True, slots=True)
class Probe:
    """A request, and the longest time after which it is answered."""

    ask: Callable[[Service], httpx.Response]
    limit_seconds: float


def probes(site: Site) -> dict[str, Probe]:
    """Returns every kind of request that meets the database, and those that do not."""

    def get(path: str) -> Callable[[Service], httpx.Response]:
        return lambda service: service.client.get(path)

    def question(token: str) -> Callable[[Service], httpx.Response]:
        return lambda service: service.client.post(
            "/devices/retrieve", json=ASK, headers=bearer(token)
        )

    return {
        "alive": Probe(get("/livez"), 0.0),
        "ready": Probe(get("/readyz"), 3.0),
        "metrics": Probe(get("/metrics"), 2.0),
        "notification": Probe(lambda service: service.post(notification(), site.sink), 10.0),
        "refused body": Probe(lambda service: service.post({}, site.sink), 10.0),
        "stranger": Probe(lambda service: service.post(notification(), "nobody's"), 10.0),
        "question": Probe(question(site.reader), 10.0),
        "question of a stranger": Probe(question("nobody's"), 10.0),
    }


def answers(service: Service, asked: dict[str, Probe]) -> dict[str, tuple[int, bool]]:
    """Asks all at once; returns for each its status, and whether it came in time."""

    def ask(probe: Probe) -> tuple[int, bool]:
        began = time.monotonic()
        answer = probe.ask(service)
        if answer.status_code >= 500:
            assert answer.json()["status"] == answer.status_code
        return answer.status_code, time.monotonic() - began < probe.limit_seconds + MARGIN_SECONDS

    with ThreadPoolExecutor(len(asked)) as pool:
        return dict(zip(asked, pool.map(ask, asked.values()), strict=True))


WELL = {
    "alive": 200,
    "ready": 200,
    "metrics": 200,
    "notification": 204,
    "refused body": 400,
    "stranger": 401,
    "question": 404,
    "question of a stranger": 401,
}
FROZEN = dict.fromkeys(WELL, 503) | {"alive": 200, "metrics": 200}


def expected(statuses: dict[str, int]) -> dict[str, tuple[int, bool]]:
    return {name: (status, True) for name, status in statuses.items()}


@pytest.mark.parametrize("workers", [1, 2])
def test_while_postgres_is_frozen_all_are_answered_in_time_and_a_stop_ends(
    site: Site, workers: int
) -> None:
    asked = probes(site)
    with site.installation.serve("--workers", str(workers)) as service:
        assert until_so(lambda: service.stderr.count(STARTED) == workers)
        assert answers(service, asked) == expected(WELL)
        with site.postgres.frozen():
            # At first the credentials of the last look are trusted, and then no more.
            assert answers(service, asked) == expected(FROZEN)
            assert answers(service, asked) == expected(FROZEN)
        assert until_so(lambda: answers(service, asked) == expected(WELL))
        assert service.post(notification(), site.sink).status_code == 204
        assert "Traceback" not in service.stderr
