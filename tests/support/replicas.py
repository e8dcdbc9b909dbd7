"""Several services on one Postgres behind the balancer of `deploy/`: killed, drained, replaced."""

import csv
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from receiver.client import Client
from tests.support.clients import open_client
from tests.support.own_postgres import own_postgres
from tests.support.ports import free_port
from tests.support.processes import living, until, workers_among
from tests.support.proxies import INTERNAL, SINK, proxied, start_haproxy
from tests.support.service import Installation, Service, bearer, open_folder

REPLICAS = 2
WORKERS = 2

# Until the balancer lets a service in, on a busy machine.
START_SECONDS = 120


class Replicas:
    """Services on one database, each on a port that its successor has again.

    Args:
        installation: names the database.
        ports: of the services.
        sockets: the folder in which the balancer has its own.
        workers: of each service.
        ends: ends what was started, also where not all of it is.

    Attributes:
        services: that run.
        address: of the balancer.
        streams: how many callers listen to the live stream.
    """

    def __init__(
        self,
        installation: Installation,
        ports: list[int],
        sockets: Path,
        workers: int,
        ends: ExitStack,
    ) -> None:
        self._installation = installation
        self._ports = ports
        self._socket = sockets / "haproxy.sock"
        self._workers = workers
        self._ends = ends
        self.services: list[Service] = []
        self.address = ""
        self.streams = 0

    def start(self) -> None:
        """Starts them all, and waits until the balancer lets each in."""
        self.services = [self._serve(port) for port in self._ports]
        ports = [f"127.0.0.1:{port}" for port in self._ports]
        self.address = self._ends.enter_context(
            proxied(
                partial(start_haproxy, others=ports[1:]), f"http://{ports[0]}", self._socket.parent
            )
        )
        # It listens to requests before it takes orders.
        assert until(self._takes_orders)
        for number in range(len(ports)):
            assert self._comes_up(number), self._row(number)

    def run(self, *words: str) -> str:
        """Runs a command to its end, and returns what it printed: stdout, then stderr."""
        ended = self._installation.run(*words)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout + ended.stderr

    def create(self, name: str, role: str) -> str:
        """Makes a credential, and returns its token."""
        return self._installation.create(name, role)

    def kill(self, number: int) -> None:
        """Kills all processes of a replica; what they had in hand is gone."""
        family = self.services[number].family()
        for process in family:
            process.kill()
        self.services[number].process.wait()
        assert until(lambda: not living(family))

    def stop(self, number: int) -> int:
        """Takes a replica out as `haproxy.cfg` says, and ends it; returns its exit status."""
        self.order(f"set server receiver/r{number} state drain")
        # Streams stay until their service ends them with a word.
        assert until(lambda: int(self._row(number)["scur"]) <= self.streams)
        self.services[number].process.send_signal(signal.SIGTERM)
        return self.services[number].wait()

    def replace(self, number: int, **settings: str) -> None:
        """Starts the successor of a replica, and waits until it gets requests."""
        self.services[number] = self._serve(self._ports[number], **settings)
        self.order(f"set server receiver/r{number} state ready")
        assert self._comes_up(number), self._row(number)

    def order(self, command: str) -> str:
        """Gives the balancer an order, and returns what it answers."""
        with socket.socket(socket.AF_UNIX) as orders:
            orders.connect(str(self._socket))
            orders.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: orders.recv(65536), b"")).decode()

    def _takes_orders(self) -> bool:
        try:
            return bool(self.order("show info"))
        except OSError:
            return False

    def _serve(self, port: int, **settings: str) -> Service:
        options = ("--port", str(port), "--workers", str(self._workers))
        service = self._ends.enter_context(self._installation.serve(*options, **settings))
        # One serves in the process of the command.
        expected = self._workers if self._workers > 1 else 0
        assert until(lambda: len(workers_among(service.family())) == expected)
        return service

    def _comes_up(self, number: int) -> bool:
        def is_up() -> bool:
            row = self._row(number)
            return (row["status"], row["check_status"]) == ("UP", "L7OK")

        return until(is_up, START_SECONDS)

    def _row(self, number: int) -> Mapping[str, str]:
        lines = self.order("show stat").removeprefix("# ").splitlines()
        [row] = [row for row in csv.DictReader(lines) if row["svname"] == f"r{number}"]
        return row


def of_world(token: str) -> dict[str, str]:
    """The headers of somebody outside."""
    return {**bearer(token), "host": SINK, "content-type": "application/cloudevents+json"}


def of_inside(token: str) -> dict[str, str]:
    """The headers of somebody inside."""
    return {**bearer(token), "host": INTERNAL}


@contextmanager
def asked_inside(address: str, token: str) -> Iterator[Client]:
    """The client of somebody inside, whichever replica answers each call."""
    with open_client(headers={"host": INTERNAL}) as http:
        yield Client(address, token=token, retries=0, http=http)


@contextmanager
def asked_outside(address: str, token: str) -> Iterator[Client]:
    """The client of somebody outside."""
    with open_client(headers={"host": SINK}) as http:
        yield Client(address, token=token, retries=0, http=http)


@contextmanager
def replicas(
    prepare: Callable[[str], None] | None = None, *, workers: int = WORKERS, **settings: str
) -> Iterator[tuple[Replicas, str]]:
    """Runs a Postgres, a balancer and the services; yields them and how to reach the database.

    Args:
        prepare: what is done to the empty database before it is migrated.
        workers: of each service.
    """
    with open_folder() as folder, own_postgres(folder / "server") as server:
        (folder / "haproxy").mkdir()
        installation = Installation(
            folder,
            settings={
                "DATABASE_URL": server.conninfo,
                "RECEIVER_TRUSTED_PROXIES": "127.0.0.1",
                **settings,
            },
        )
        if prepare is not None:
            prepare(server.conninfo)
        migrated = installation.run_here("migrate")
        assert migrated.returncode == 0, migrated.stderr
        ports = [free_port() for _ in range(REPLICAS)]
        with ExitStack() as ends:
            running = Replicas(installation, ports, folder / "haproxy", workers, ends)
            running.start()
            yield running, server.conninfo
