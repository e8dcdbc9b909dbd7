"""However the service ends, nothing is left of it and nothing acknowledged is lost."""

import json
import signal
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from itertools import chain
from urllib.parse import urlsplit

import psutil
import pytest

from tests.support.between import skip_behind_pooler
from tests.support.posting import posting
from tests.support.processes import named
from tests.support.service import (
    IMPATIENT,
    Installation,
    Service,
    bearer,
    living,
    notification,
    processes_of,
    until,
)
from tests.system.conftest import SEED_EVENT

# Where Postgres is gone, a stop waits for the patience of the last notification.
SETTINGS = {**IMPATIENT, "RECEIVER_SHUTDOWN_TIMEOUT_SECONDS": "3"}


# Connections that are kept while the service stops.
KEPT = 8


def event_ids(service: Service, installation: Installation) -> set[str]:
    return {str(event.event_id) for event in service.history(installation.token("reader"))}


def stored(installation: Installation) -> set[str]:
    """The sender's ids in the database, without a service."""
    return set(installation.ask("SELECT event_id FROM event"))


def is_ready(service: Service) -> bool:
    return service.ask_as().get_readiness().status == "ready"


def is_closed(host: str | None, port: int | None) -> bool:
    """Tells whether nobody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) != 0


def interrupt(service: Service) -> None:
    service.interrupt()
    assert service.wait() == 0
    assert "Traceback" not in service.stderr


def terminate(service: Service) -> None:
    service.process.terminate()
    assert service.wait() == 0
    assert "Traceback" not in service.stderr


def kill(service: Service) -> None:
    service.process.kill()
    assert service.wait() == -signal.SIGKILL


def kill_postgres(service: Service) -> None:
    children = psutil.Process(service.process.pid).children()
    (postmaster,) = named("postgres", children)
    postmaster.kill()
    assert service.wait() > 0
    assert "Postgres ended" in service.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("workers", "ends"),
    [
        pytest.param(1, (interrupt, terminate, kill, kill_postgres), id="one process"),
        pytest.param(2, (interrupt, kill), id="two workers"),
        pytest.param(2, (kill_postgres,), id="two workers, long", marks=pytest.mark.long),
    ],
)
@skip_behind_pooler("it ends the embedded Postgres")
def test_however_it_ends_under_load_nothing_is_left_and_nothing_acknowledged_is_lost(
    installation: Installation, workers: int, ends: Sequence[Callable[[Service], None]]
) -> None:
    acknowledged: set[str] = set()
    for end in ends:
        with (
            installation.serve("--workers", str(workers), **SETTINGS) as service,
            posting(service, installation.token("sink")) as posted,
        ):
            assert acknowledged - event_ids(service, installation) == set()
            family = service.family()
            assert len(named("postgres", family)) > 1
            assert len(family) > workers
            end(service)
            assert until(lambda: not living(family)), (end.__name__, living(family))  # noqa: B023 - called at once
            assert until(lambda: not processes_of(installation.folder)), end.__name__
        acknowledged |= posted.acknowledged
        # Above all no 401, for which a provider may end the subscription.
        assert posted.answers.keys() <= {204, 503}, end.__name__
    assert acknowledged - stored(installation) == set()


def test_a_stop_answers_what_is_on_its_way_on_kept_connections(installation: Installation) -> None:
    token = installation.token("sink")
    with installation.serve("--workers", "2", **SETTINGS) as service:
        before = stored(installation)
        with ThreadPoolExecutor(KEPT) as pool:
            senders = [pool.submit(send_until_closed, service.address, token) for _ in range(KEPT)]
            assert until(lambda: len(stored(installation)) > 2 * KEPT)
            terminate(service)
        # Each ends with an answer that says so, none with a connection that is gone.
        acknowledged = set(chain.from_iterable(sender.result() for sender in senders))
    assert stored(installation) - before == acknowledged


def send_until_closed(address: str, token: str) -> list[str]:
    """Sends over one connection until an answer ends it; returns the ids of what was taken.

    Raises:
        OSError, HTTPException: the connection ended without an answer.
    """
    acknowledged = []
    url = urlsplit(address)
    with closing(HTTPConnection(str(url.hostname), url.port, timeout=30)) as connection:
        # It would open another one by itself.
        connection.connect()
        connection.auto_open = 0
        while True:
            body = notification()
            headers = {**bearer(token), "content-type": "application/cloudevents+json"}
            connection.request("POST", "/notifications", json.dumps(body), headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 204
            acknowledged.append(body["id"])
            if answer.getheader("connection") == "close":
                return acknowledged
            # The stop comes upon it while it is idle.
            time.sleep(0.05)


def test_a_second_ctrl_c_ends_a_service_that_waits_for_a_sender(installation: Installation) -> None:
    token = installation.token("sink")
    with installation.serve(**SETTINGS) as service:
        event = notification()
        assert service.post(event, token) == 204
        family = service.family()
        parts = urlsplit(service.address)
        with socket.create_connection((parts.hostname, parts.port)) as sender:
            sender.sendall(
                f"POST /notifications HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                f"Authorization: Bearer {token}\r\nContent-Length: 99\r\n\r\n{{".encode()
            )
            # Answered later than the head above was read, on one loop.
            assert is_ready(service)
            service.interrupt()
            # The door is closed first.
            assert until(lambda: is_closed(parts.hostname, parts.port))
            service.interrupt()
            service.wait()
        assert until(lambda: not living(family)), living(family)
    assert stored(installation) == {SEED_EVENT, event["id"]}


@skip_behind_pooler("a first start makes the embedded Postgres")
def test_a_stop_during_the_first_start_leaves_nothing_behind(installation: Installation) -> None:
    fresh = Installation(installation.folder, "fresh")
    process, _ = fresh.launch()
    assert until(lambda: any(fresh.data_dir.glob("postgres*")))
    process.terminate()
    assert process.wait() == 0
    assert processes_of(fresh.data_dir) == []
    with fresh.serve() as service:
        assert service.post(notification(), fresh.token("sink")) == 204


@skip_behind_pooler("Postgres runs beside the service")
def test_a_start_on_a_taken_port_is_refused_and_leaves_nothing(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = installation.run("serve", "--port", port)
    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    assert f"127.0.0.1 port {port}" in refused.stderr
    assert processes_of(installation.folder) == []
    assert stored(installation) == {SEED_EVENT}


@skip_behind_pooler("the data directory belongs to the embedded Postgres")
def test_a_second_service_on_the_same_data_is_refused_by_name(
    service: Service, shared_installation: Installation
) -> None:
    refused = shared_installation.run("serve", "--port", "0")
    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    assert str(shared_installation.data_dir) in refused.stderr
    assert str(service.process.pid) in refused.stderr
    assert is_ready(service)


def test_port_0_prints_an_address_that_can_be_used(service: Service) -> None:
    parts = urlsplit(service.address)
    assert (parts.scheme, parts.hostname, parts.path) == ("http", "127.0.0.1", "")
    assert parts.port not in {None, 0}
    assert is_ready(service)
