"""Three Postgres servers under Patroni with the configuration of deploy/patroni, and their etcd."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from receiver.postgres import child
from receiver.postgres.accounts.account import Account, postgres_account
from receiver.postgres.binaries import installed_binaries, reachable_binaries
from tests.support.clients import open_client
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.processes import living, until

DEPLOYED = ROOT / "deploy" / "patroni"

# Of a start, a copy, or an election, on a busy machine.
SECONDS = 120
STOP_SECONDS = 30
ASK_SECONDS = 10.0

# Nobody but this machine reaches the servers, and their life is short.
PASSWORD = "of-this-test"  # noqa: S105 - no secret


class Etcd:
    """One etcd: what is shown here is what the nodes and the service do, not what etcd does."""

    def __init__(self, program: str, folder: Path) -> None:
        client, peer = (f"127.0.0.1:{free_port()}" for _ in range(2))
        self.address = client
        options = {
            "name": "etcd",
            "data-dir": str(folder / "etcd"),
            "listen-client-urls": f"http://{client}",
            "advertise-client-urls": f"http://{client}",
            "listen-peer-urls": f"http://{peer}",
            "initial-advertise-peer-urls": f"http://{peer}",
            "initial-cluster": f"etcd=http://{peer}",
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        with (folder / "etcd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder
            )

    def wait(self) -> None:
        """Waits until it answers."""
        with open_client(f"http://{self.address}", timeout=ASK_SECONDS) as asking:
            assert until(lambda: _answers(asking, "/health"), SECONDS), "etcd does not start"

    def close(self) -> None:
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Node:
    """One agent with its server; both keep their addresses over all their lives.

    Attributes:
        name: in the cluster.
        port: of its Postgres.
        address: URL of the agent.
    """

    def __init__(self, name: str, home: Path, command: Sequence[str], account: Account) -> None:
        self.name = name
        self.port, agent_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{agent_port}"
        self._home = home
        self._account = account
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def variables(self) -> Mapping[str, str]:
        """What deploy/patroni/compose.yaml gives each node, for this machine."""
        agent = self.address.removeprefix("http://")
        postgres = f"127.0.0.1:{self.port}"
        return {
            "PATRONI_NAME": self.name,
            "PATRONI_RESTAPI_LISTEN": agent,
            "PATRONI_RESTAPI_CONNECT_ADDRESS": agent,
            "PATRONI_POSTGRESQL_LISTEN": postgres,
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": postgres,
            "PATRONI_POSTGRESQL_DATA_DIR": str(self._home / "data"),
            "PATRONI_POSTGRESQL_PGPASS": str(self._home / "pgpass"),
        }

    def start(self) -> None:
        """Starts the agent, which starts the server; from the main thread."""
        words = [f"{name}={value}" for name, value in self.variables.items()]
        with (self._home / "agent.log").open("ab") as log:
            self._process = child.start(
                self._account, ["/usr/bin/env", *words, *self._command], log.fileno()
            )

    @property
    def log(self) -> str:
        """What the agent and the server logged so far."""
        return (self._home / "agent.log").read_text(errors="replace")

    def agent(self) -> list[Any]:
        """Returns the processes of the agent."""
        if self._process is None or self._process.poll() is not None:
            return []
        with suppress(psutil.NoSuchProcess):
            leader = psutil.Process(self._process.pid)
            server = {process.pid for process in self.server()}
            below = leader.children(recursive=True)
            return [leader, *(process for process in below if process.pid not in server)]
        return []

    def server(self) -> list[Any]:
        """Returns the processes of the server, which is no child of its agent; postmaster first."""
        with suppress(FileNotFoundError, IndexError, psutil.NoSuchProcess):
            pid = int((self._home / "data" / "postmaster.pid").read_text().split()[0])
            leader = psutil.Process(pid)
            if str(self._home) in " ".join(leader.cmdline()):
                return [leader, *leader.children(recursive=True)]
        return []

    def close(self) -> None:
        """Ends both at once, whatever state they are in."""
        send(signal.SIGKILL, self.agent())
        server = self.server()
        send(signal.SIGCONT, server)
        # To the postmaster: it ends without a checkpoint, and leaves no shared memory behind.
        send(signal.SIGQUIT, server[:1])
        until(lambda: not living(server), STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kills agent and server."""
        # The agent first, so that it starts no other meanwhile.
        agent, server = self.agent(), self.server()
        send(signal.SIGKILL, [*agent, *server])
        if self._process is not None:
            self._process.wait(STOP_SECONDS)
        assert until(lambda: not living([*agent, *server]), STOP_SECONDS)


def send(number: int, processes: Sequence[Any]) -> None:
    """Sends a signal to each of the processes that still run."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


class Trio:
    """The nodes, and what they say of each other."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes

    def leader(self, *, of: Node | None = None) -> Node | None:
        """Returns the node that leads.

        Args:
            of: the node to ask; None: whichever answers first.
        """
        members = self.members([of] if of else self.nodes)
        names = {member["name"] for member in members if member["role"] == "leader"}
        return next((node for node in self.nodes if node.name in names), None)

    def members(self, nodes: Sequence[Node]) -> list[dict[str, Any]]:
        """Returns what a node says of all; of the nodes, the first one that answers is asked."""
        for node in nodes:
            with (
                suppress(httpx.TransportError),
                open_client(node.address, timeout=ASK_SECONDS) as client,
            ):
                found: list[dict[str, Any]] = client.get("/cluster").json()["members"]
                return found
        return []

    def is_whole(self) -> bool:
        """Whether one leads, one confirms every commit, and the third one streams as well."""
        members = self.members(self.nodes)
        states = sorted((member["role"], member["state"]) for member in members)
        timelines = {member.get("timeline") for member in members}
        return len(timelines) == 1 and states == [
            ("leader", "running"),
            ("replica", "streaming"),
            ("sync_standby", "streaming"),
        ]

    def switch_over(self) -> None:
        """Has another node lead, in order, as `patronictl switchover` does."""
        leader = self.leader()
        assert leader is not None
        with open_client(leader.address, timeout=SECONDS) as client:
            answer = client.post("/switchover", json={"leader": leader.name})
            assert answer.status_code in {200, 202}, answer.text

    def order(self, leader: str) -> list[Node]:
        """Returns the nodes with the leader of now `first` or `last`."""
        leading = self.leader()
        assert leading is not None
        others = [node for node in self.nodes if node is not leading]
        return [leading, *others] if leader == "first" else [*others, leading]


def url(nodes: Sequence[Node], parameters: str = "") -> str:
    """Returns the URL of the service's database on all hosts."""
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
    return f"postgresql://receiver:{PASSWORD}@{hosts}/receiver?target_session_attrs=read-write{parameters}"


def configuration(folder: Path) -> Path:
    """Writes the shipped configuration as this machine needs it: another path, and no socket."""
    yaml = pytest.importorskip("yaml")
    written = yaml.safe_load((DEPLOYED / "patroni.yml").read_text())
    # A name of its own, as the user of Postgres may not read the tests.
    script = folder / "make-database.sh"
    script.write_text((DEPLOYED / "make-database.sh").read_text())
    script.chmod(0o755)
    written["bootstrap"]["post_bootstrap"] = str(script)
    written["postgresql"]["parameters"]["unix_socket_directories"] = ""
    path = folder / "patroni.yml"
    path.write_text(json.dumps(written))
    return path


@contextmanager
def trio(folder: Path, etcd: str, python: Path) -> Iterator[Trio]:
    """Runs a trio for the length of the block, which begins when it is whole."""
    account = postgres_account()
    binaries = reachable_binaries(installed_binaries(), account, folder)
    if not _may_run(account, python):
        pytest.skip("the user of Postgres cannot run the Python of these tests")
    with ExitStack() as stack:
        store = Etcd(etcd, folder)
        stack.callback(store.close)
        store.wait()
        shared = {
            "PATRONI_ETCD3_HOSTS": store.address,
            "PATRONI_POSTGRESQL_BIN_DIR": str(binaries.bin_dir),
            "PATRONI_SUPERUSER_PASSWORD": PASSWORD,
            "PATRONI_REPLICATION_PASSWORD": PASSWORD,
            "RECEIVER_DATABASE_PASSWORD": PASSWORD,
            "PATH": f"{binaries.bin_dir}:{os.defpath}",
        }
        words = [f"{name}={value}" for name, value in shared.items()]
        path = configuration(folder)
        command = ["/usr/bin/env", *words, str(python), "-m", "patroni", str(path)]
        nodes = []
        for name in ("node1", "node2", "node3"):
            home = folder / name
            home.mkdir(mode=0o700)
            os.chown(home, account.uid, account.gid)
            nodes.append(Node(name, home, command, account))
        for node in nodes:
            stack.callback(node.close)
            node.start()
        running = Trio(nodes)
        assert until(running.is_whole, SECONDS), "\n".join(node.log[-2000:] for node in nodes)
        yield running


def _may_run(account: Account, python: Path) -> bool:
    with suppress(OSError):
        return child.run(account, [python, "-c", ""])[0] == 0
    return False


def _answers(client: httpx.Client, path: str) -> bool:
    with suppress(httpx.TransportError):
        return client.get(path).status_code == 200
    return False
