"""The product as its users meet it: the `receiver` command, its client and its HTTP.

The system tests ask and post through the client for programs. Raw HTTP and sockets are for:

- bytes and headers: `refusing`, test_bounds, test_hostile, hostile/, test_lifecycle, test_traces;
- documents as they are written: `world`, test_replicas, test_simulate, test_stream;
- pages for people: test_console, test_documentation, test_first_start, test_two_workers;
- clients and proxies of others: test_doctor, test_generated_client, test_nokia_sdk, test_proxies,
  test_real_clients, test_senders;
- many senders and listeners in one thread: `followers`, `open_loop`, `replica_load`,
  `steady_senders`, faults/.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg

from receiver.client import AnswerError, Client, Event
from receiver.postgres import embedded_postgres
from tests.support import command_line
from tests.support.clients import open_client
from tests.support.environment import environment
from tests.support.processes import copy, living, open_folder, processes_of, until

__all__ = [
    "IMPATIENT",
    "PHONE_NUMBER",
    "Installation",
    "Output",
    "Service",
    "bearer",
    "copy",
    "living",
    "notification",
    "open_folder",
    "processes_of",
    "status_of",
    "until",
]

RECEIVER = Path(sys.executable).with_name("receiver")
START_SECONDS = 60
STOP_SECONDS = 60
COMMAND_SECONDS = 120
# What would change the product, psql, Python or curl below it.
FOREIGN = (
    *("DATABASE_", "RECEIVER_", "PG", "PYTHON", "OTEL_", "FASTAPI_"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
)

PHONE_NUMBER = "+99999990417"

# Where the database is gone for good, a service with these says so soon.
IMPATIENT = {"RECEIVER_COMMIT_TIMEOUT_SECONDS": "1", "RECEIVER_PATIENCE_SECONDS": "1"}


@dataclass(frozen=True, slots=True)
class Output:
    """The files that a service's stdout and stderr go to."""

    stdout: Path
    stderr: Path


class Service:
    """A running `receiver serve`, leader of its own process group as a terminal would make it.

    Args:
        process: the running command.
        address: the URL that it said it listens on.

    Attributes:
        http: connections to it, for what is about HTTP itself.
    """

    def __init__(self, process: subprocess.Popen[bytes], address: str, output: Output) -> None:
        self.process = process
        self.address = address
        self._output = output
        self.http = open_client(address)

    @property
    def stdout(self) -> str:
        """What it printed so far."""
        return self._output.stdout.read_text()

    @property
    def stderr(self) -> str:
        """What it logged so far."""
        return self._output.stderr.read_text()

    def family(self) -> list[Any]:
        """The service's process and all below it; psutil tells each from a later one of its pid."""
        leader = psutil.Process(self.process.pid)
        return [leader, *leader.children(recursive=True)]

    def interrupt(self) -> None:
        """What a terminal does at Ctrl-C."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        return self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """Ends it if it still runs, as an init system would."""
        self.http.close()
        self.process.terminate()
        try:
            self.wait()
        finally:
            self.process.kill()

    def ask_as(self, token: str | None = None) -> Client:
        """The client for programs, over these connections; it tries nothing twice."""
        return Client(self.address, token=token, retries=0, http=self.http)

    def post(self, notification: Any, token: str) -> int:
        """Posts a notification; returns the status of the answer."""
        return status_of(lambda: self.ask_as(token).post_notification(notification), 204)

    def history(self, token: str, phone_number: str = PHONE_NUMBER) -> list[Event]:
        """Every event of a phone number, newest first."""
        reader = self.ask_as(token)
        return list(reader.iterate_history(phone_number=phone_number, limit=1000))


@dataclass(frozen=True, slots=True)
class Installation:
    """A data directory, and the commands that are run on it from `/`.

    Attributes:
        folder: holds the data directory and what the services print.
        name: of the data directory.
        settings: environment variables of every command.
        prefix: words before the command that is the service.
        port: of the service; 0: a free one, which only the embedded Postgres tells the commands.
    """

    folder: Path
    name: str = "data"
    settings: Mapping[str, str] = field(default_factory=dict)
    prefix: Sequence[str] = ()
    port: str = "0"

    @property
    def data_dir(self) -> Path:
        """What RECEIVER_DATA_DIR is set to."""
        return self.folder / self.name

    def environment(self, **settings: str) -> dict[str, str]:
        """The outer world's without its settings, and with these."""
        outer = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith(FOREIGN)
        }
        return {**outer, "RECEIVER_DATA_DIR": str(self.data_dir), **self.settings, **settings}

    def token(self, role: str) -> str:
        """The token that the first start left for `sink` or `reader`."""
        return (self.data_dir / "first-credentials" / role).read_text().strip()

    def launch(self, *options: str, **settings: str) -> tuple[subprocess.Popen[bytes], Output]:
        """Starts the service; whoever launches it ends it."""
        number = len(list(self.folder.glob("stderr-*")))
        output = Output(self.folder / f"stdout-{number}", self.folder / f"stderr-{number}")
        with output.stdout.open("wb") as stdout, output.stderr.open("wb") as stderr:
            process = subprocess.Popen(
                [*self.prefix, RECEIVER, "serve", "--port", self.port, *options],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                cwd="/",
                env=self.environment(**settings),
                start_new_session=True,
            )
        return process, output

    @contextmanager
    def serve(self, *options: str, **settings: str) -> Iterator[Service]:
        """Runs the service on a free port for the length of the block.

        Raises:
            RuntimeError: it did not say in time where it listens.
        """
        process, output = self.launch(*options, **settings)
        try:
            service = Service(process, _address(process, output), output)
        except BaseException:
            process.kill()
            process.wait()
            raise
        try:
            yield service
        finally:
            service.stop()

    def run_at_once(self, *commands: Sequence[str]) -> list[subprocess.CompletedProcess[str]]:
        """Runs several commands side by side."""
        with ThreadPoolExecutor(len(commands)) as pool:
            return list(pool.map(lambda command: self.run(*command), commands))

    def run(
        self, *arguments: str, stdin: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        return subprocess.run(
            [RECEIVER, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd="/",
            env=self.environment(**settings),
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def run_here(
        self, *arguments: str, stdin: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end in this process, for what is not about the process.

        Neither a thread nor a running event loop may ask for it.
        """
        with environment(self.environment(**settings)), command_line.keeping_logging():
            ended = command_line.run(*arguments, stdin=stdin)
        return subprocess.CompletedProcess(arguments, ended.status, ended.stdout, ended.stderr)

    def create(self, name: str, role: str, *options: str) -> str:
        """Makes a credential, and returns its token."""
        made = self.run_here("credential", "create", name, "--role", role, *options)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """Connects to its database, whether a service runs or not."""
        with ExitStack() as stack:
            url = self.settings.get("DATABASE_URL")
            conninfo = url or stack.enter_context(embedded_postgres(self.data_dir)).conninfo
            # A pooler may be between.
            with psycopg.connect(conninfo, autocommit=True, prepare_threshold=None) as connection:
                yield connection

    def ask(self, question: str) -> list[str]:
        """The rows of the database, as psql prints them with `-At`: columns parted by `|`."""
        with self.connect() as connection:
            result = connection.execute(question.encode()).pgresult
        assert result is not None
        return [
            "|".join(
                (result.get_value(row, column) or b"").decode() for column in range(result.nfields)
            )
            for row in range(result.ntuples)
        ]


def status_of(ask: Callable[[], object], answered: int = 200) -> int:
    """The status of a call of the client, which is this one where it is answered."""
    try:
        ask()
    except AnswerError as refusal:
        # Without a code nobody but a proxy could have answered.
        return refusal.status if refusal.code else 0
    return answered


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"authorization": f"Bearer {token}"}


def notification(event_id: str | None = None, phone_number: str = PHONE_NUMBER) -> dict[str, Any]:
    """A CloudEvent that says a phone roams; another event each time unless it has an id."""
    return {
        "id": event_id or str(uuid4()),
        "source": "https://operator.invalid/device-roaming-status-subscriptions/v0.7",
        "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": "2026-04-17T07:31:01.416474Z",
        "data": {
            "device": {"phoneNumber": phone_number},
            "subscriptionId": "sub-4711",
            "roaming": True,
            "countryCode": 208,
            "countryName": ["FR"],
        },
    }


def _address(process: subprocess.Popen[bytes], output: Output) -> str:
    until(lambda: "\n" in output.stdout.read_text() or process.poll() is not None, START_SECONDS)
    first, end, _ = output.stdout.read_text().partition("\n")
    if not end or not first.startswith("Listening on http://"):
        raise RuntimeError(f"the service did not start: {first}\n{output.stderr.read_text()}")
    return first.removeprefix("Listening on ")
