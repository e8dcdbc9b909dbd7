"""Places at which faults strike: a Postgres, a way to it, and the service that uses them."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from tests.support.pooler import transaction_pooler
from tests.support.processes import copy, named, until
from tests.support.service import Installation
from tests.system.faults.clocks import Clock
from tests.system.faults.relay import Relay, relayed
from tests.system.faults.servers import Server
from tests.system.faults.supervisor import Supervisor

DISK_BYTES = 512 * 2**20
# Resolved by our own resolver alone.
NAME = "database.invalid"
RESOLVER = "127.0.0.153"
DNS_PORT = 53


@dataclass(slots=True)
class Place:
    """What a fault finds, and may do something to.

    Attributes:
        folder: of this run alone.
        installation: of the service; its settings name the database.
        tokens: by role.
        server: the Postgres that holds the events in the end; None: the service runs its own.
        standby: a synchronous one that streams.
        service: once it runs.
        addresses: of all services that the senders post to.
        remarks: what a strike found wrong by itself, in a sentence each.
        afterwards: what has to be done before events are looked for.
        clock: of the service, where it can be set.
        database_clock: of Postgres, likewise.
    """

    folder: Path
    installation: Installation
    tokens: Mapping[str, str]
    server: Server | None = None
    standby: Server | None = None
    relay: Relay | None = None
    resolver: "Resolver | None" = None
    pooler: psutil.Process | None = None
    disk: Path | None = None
    clock: Clock | None = None
    database_clock: Clock | None = None
    service: Supervisor | None = None
    addresses: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    @property
    def conninfo(self) -> str:
        """URL of the database that holds the events in the end; empty: the service's own."""
        return self.server.conninfo if self.server else ""

    def use(self, **settings: str) -> None:
        """Adds environment variables to every command of the installation."""
        merged = {**self.installation.settings, **settings}
        self.installation = replace(self.installation, settings=merged)


Prepare = Callable[[Path, Path], AbstractContextManager[Place]]


def _place(seed: Path, folder: Path) -> Place:
    tokens = {
        role: (seed / "first-credentials" / role).read_text().strip() for role in ("sink", "reader")
    }
    return Place(folder, Installation(folder, "service"), tokens)


@contextmanager
def embedded(seed: Path, folder: Path) -> Iterator[Place]:
    """The service with a Postgres of its own."""
    place = _place(seed, folder)
    copy(seed, place.installation.data_dir)
    yield place


@contextmanager
def direct(
    seed: Path, folder: Path, home: Path | None = None, prefix: tuple[str, ...] = ()
) -> Iterator[Place]:
    """A Postgres that outlives the service, which knows its URL."""
    place = _place(seed, folder)
    home = home or folder / "server"
    copy(seed, home)
    with ExitStack() as stack:
        place.server = Server(home, prefix)
        stack.callback(place.server.close)
        place.server.start()
        place.use(DATABASE_URL=place.server.conninfo)
        yield place


@contextmanager
def on_a_small_disk(seed: Path, folder: Path) -> Iterator[Place]:
    """The same on a disk of half a gibibyte."""
    disk = folder / "disk"
    disk.mkdir()
    options = f"size={DISK_BYTES},mode=755"
    mount = ["/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        with direct(seed, folder, disk / "server") as place:
            place.disk = disk
            yield place
    finally:
        subprocess.run(["/bin/umount", "--lazy", disk], check=False)


@contextmanager
def behind_a_relay(seed: Path, folder: Path) -> Iterator[Place]:
    """Something between the service and its Postgres, such as a balancer or a firewall."""
    with direct(seed, folder) as place:
        assert place.server is not None
        with relayed(place.server.port) as place.relay:
            place.use(
                DATABASE_URL=place.server.conninfo.replace(
                    f":{place.server.port}/", f":{place.relay.port}/"
                )
            )
            yield place


@contextmanager
def behind_a_pooler(seed: Path, folder: Path) -> Iterator[Place]:
    """PgBouncer in transaction mode between them."""
    with direct(seed, folder) as place:
        assert place.server is not None
        before = {child.pid for child in psutil.Process().children()}
        with ExitStack() as stack:
            pooled = stack.enter_context(transaction_pooler(place.server.conninfo))
            poolers = named("pgbouncer", psutil.Process().children())
            [place.pooler] = [pooler for pooler in poolers if pooler.pid not in before]
            # It does not end while it is frozen.
            stack.callback(place.pooler.resume)
            place.use(DATABASE_URL=pooled, DATABASE_DIRECT_URL=place.server.conninfo)
            yield place


@contextmanager
def with_a_standby(seed: Path, folder: Path) -> Iterator[Place]:
    """A primary whose commits wait for a standby; the URL names both."""
    with direct(seed, folder) as place, ExitStack() as stack:
        primary = place.server
        assert primary is not None
        place.standby = primary.copy(folder / "standby")
        stack.callback(place.standby.close)
        place.standby.start()
        # After the copy, which must not wait for a standby itself.
        primary.execute(
            "ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()"
        )
        assert until(
            lambda: primary.ask("SELECT sync_state FROM pg_stat_replication") == [("sync",)]
        )
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in (primary, place.standby))
        place.use(
            DATABASE_URL=f"postgresql://receiver@{hosts}/receiver?target_session_attrs=read-write"
        )
        yield place


@contextmanager
def behind_a_name(seed: Path, folder: Path) -> Iterator[Place]:
    """A URL whose host is a name, and a resolver that one can silence."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a resolver of its own needs a mount namespace, and that needs root")
    files = {"resolv.conf": f"nameserver {RESOLVER}\n", "nsswitch.conf": "hosts: dns\n"}
    for name, text in files.items():
        (folder / name).write_text(text)
    binds = "; ".join(f"mount --bind {folder / name} /etc/{name}" for name in files)
    prefix = ("unshare", "--mount", "sh", "-ec", f'{binds}; exec "$@"', "sh")
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace can be made here")
    with behind_a_relay(seed, folder) as place, resolving() as place.resolver:
        assert place.relay is not None
        place.installation = replace(place.installation, prefix=prefix)
        place.use(DATABASE_URL=f"postgresql://receiver@{NAME}:{place.relay.port}/receiver")
        yield place


@contextmanager
def with_clocks(seed: Path, folder: Path) -> Iterator[Place]:
    """A service and a Postgres whose clocks can be set, each by itself."""
    clock, database_clock = Clock(folder / "clock"), Clock(folder / "database-clock")
    with direct(seed, folder, prefix=("/usr/bin/env", *database_clock.words())) as place:
        place.clock, place.database_clock = clock, database_clock
        place.use(**clock.variables)
        yield place


class Resolver:
    """Answers every question for an address with that of this machine, until it falls silent.

    Attributes:
        is_silent: whether it answers nothing.
    """

    def __init__(self, door: socket.socket) -> None:
        self._door = door
        self.is_silent = False

    def run(self) -> None:
        """Answers until the door is closed."""
        with suppress(OSError):
            while True:
                question, caller = self._door.recvfrom(512)
                if not question:
                    return
                if not self.is_silent:
                    self._door.sendto(_answer(question), caller)


def _answer(question: bytes) -> bytes:
    """Returns the answer to a question of RFC 1035: one record of type A, else none."""
    end = question.index(b"\0", 12) + 5
    is_address = question[end - 4 : end - 2] == b"\0\1"
    head = question[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_address else b"\0\0") + b"\0\0\0\0"
    record = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1" if is_address else b""
    return head + question[12:end] + record


@contextmanager
def resolving() -> Iterator[Resolver]:
    """Runs a resolver for the length of the block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        try:
            door.bind((RESOLVER, DNS_PORT))
        except OSError as error:
            pytest.skip(f"no resolver can listen here: {error.strerror}")
        resolver = Resolver(door)
        answering = threading.Thread(target=resolver.run, name="resolver", daemon=True)
        answering.start()
        try:
            yield resolver
        finally:
            # An empty question ends it; closing alone would not end its wait.
            door.sendto(b"", (RESOLVER, DNS_PORT))
            answering.join()
