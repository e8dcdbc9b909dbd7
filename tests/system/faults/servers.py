"""A Postgres on a port of loopback, which a fault stops, freezes, kills, copies and promotes."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from receiver.postgres import child
from receiver.postgres.accounts.account import postgres_account
from receiver.postgres.binaries import installed_binaries, reachable_binaries
from receiver.postgres.cluster import CLUSTER, SUPERUSER
from receiver.postgres.server import DATABASE, SETTINGS, accepts
from tests.support.ports import free_port
from tests.support.processes import until

SECONDS = 60


class Server:
    """A server whose address stays the same over all its lives.

    Args:
        home: has the cluster in it, and is one that the user of Postgres can reach.
        prefix: words before the command, such as variables of its environment.

    Attributes:
        conninfo: URL of the service's database.
    """

    def __init__(self, home: Path, prefix: Sequence[str] = ()) -> None:
        self.home = home
        self.port = free_port()
        self.conninfo = f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{DATABASE}"
        self._prefix = tuple(prefix)
        self._account = postgres_account()
        self._binaries = reachable_binaries(installed_binaries(), self._account, home)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server, and waits until it accepts connections; from the main thread."""
        settings = SETTINGS | {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        options = [word for setting in settings.items() for word in ("-c", "=".join(setting))]
        program = self._binaries.bin_dir / "postgres"
        command: list[str | Path] = [*self._prefix, program, "-D", self.home / CLUSTER, *options]
        with (self.home / "postgres.log").open("ab") as log:
            self._process = child.start(self._account, command, log.fileno())
        assert until(lambda: accepts(self.conninfo), SECONDS), self.log

    @property
    def log(self) -> str:
        """What it logged so far."""
        return (self.home / "postgres.log").read_text(errors="replace")

    def family(self) -> list[Any]:
        """Returns its processes, the postmaster first; none: it does not run."""
        if self._process is None or self._process.poll() is not None:
            return []
        with suppress(psutil.NoSuchProcess):
            leader = psutil.Process(self._process.pid)
            return [leader, *leader.children(recursive=True)]
        return []

    def stop(self, number: int = signal.SIGINT) -> None:
        """Ends it in order; SIGQUIT: at once, as `pg_ctl stop -m immediate` does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(SECONDS)

    def kill(self) -> None:
        """Kills all its processes."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(SECONDS)

    def kill_postmaster(self) -> None:
        """Kills the first process; the others end when they notice."""
        assert self._process is not None
        family = self.family()
        self._process.kill()
        self._process.wait(SECONDS)
        assert until(lambda: not any(process.is_running() for process in family[1:]), SECONDS)

    def kill_one(self, title: str) -> None:
        """Kills the process that bears a title, such as `checkpointer`."""
        for process in self.family():
            with suppress(psutil.NoSuchProcess):
                if title in " ".join(process.cmdline()):
                    process.kill()
                    return
        raise AssertionError(f"Postgres has no process {title}")

    def freeze(self) -> None:
        """Stops all its processes; the kernel goes on taking connections and bytes for them."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets them go on."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """Ends it, whatever state it is in."""
        self.thaw()
        try:
            self.stop(signal.SIGQUIT)
        except subprocess.TimeoutExpired:
            self.kill()

    def copy(self, home: Path) -> "Server":
        """Makes a standby of it, which streams and is not started."""
        home.mkdir()
        os.chown(home, self._account.uid, self._account.gid)
        standby = Server(home)
        source = f"host=127.0.0.1 port={self.port} user={SUPERUSER} application_name=standby"
        command = (self._binaries.bin_dir / "pg_basebackup", "-D", home / CLUSTER, "-d", source)
        status, output = child.run(self._account, (*command, "-R", "-c", "fast"))
        assert status == 0, output
        return standby

    def execute(self, *statements: str, limit_seconds: float = 10) -> None:
        """Runs statements, each by itself, as the superuser."""
        options = f"-c statement_timeout={limit_seconds * 1000:.0f}"
        with psycopg.connect(
            self.conninfo, autocommit=True, options=options, connect_timeout=10
        ) as connection:
            for statement in statements:
                connection.execute(statement)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Returns the rows that answer a question."""
        with psycopg.connect(self.conninfo, connect_timeout=10) as connection:
            return connection.execute(question).fetchall()

    def promote(self) -> None:
        """Makes a standby the primary, and waits until it writes."""
        self.execute("SELECT pg_promote(true, 30)", limit_seconds=40)

    def _signal(self, number: int) -> None:
        # The postmaster first, so that it starts no other meanwhile.
        for process in self.family():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
