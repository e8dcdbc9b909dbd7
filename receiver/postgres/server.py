"""The running server: the postmaster as our child, from its first connection to its end."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import psycopg

from receiver.errors import ConfigurationError
from receiver.postgres import child
from receiver.postgres.accounts.account import Account
from receiver.postgres.binaries import Binaries
from receiver.postgres.cluster import SUPERUSER
from receiver.postgres.postmaster import POLL_SECONDS, read_postmaster
from receiver.postgres.server_log import open_log
from receiver.postgres.wal import wal_settings

DATABASE = "receiver"
STOP_SECONDS = 30.0  # for the checkpoint of a fast shutdown, which a slow disk stretches
QUIT_SECONDS = 10.0  # the postmaster itself kills its children after 5
JOIN_SECONDS = 1.0  # a watcher has nothing left to do once the server is reaped
CONNECT_SECONDS = 5  # a local server that is ready answers in milliseconds
STILL_IN_USE = "pre-existing shared memory block"

DATABASE_EXISTS = "SELECT FROM pg_database WHERE datname = %s"
CREATE_DATABASE = f"CREATE DATABASE {DATABASE}"

# Reports only read. The database is the service's alone, so nobody else misses temporary tables.
IS_OPEN = "SELECT has_database_privilege('public', %s, 'TEMPORARY')"
CLOSE = f"REVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC"

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_checkpoints": "off",
    # An error's message quotes the value at fault, which belongs to the client and into no log.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class Server:
    """The postmaster as our child; no other process may watch or stop it.

    Args:
        process: our child.
        socket_directory: has the socket on which it listens.
    """

    def __init__(self, process: subprocess.Popen[bytes], socket_directory: Path) -> None:
        self._process = process
        self._socket_directory = socket_directory
        self._stopping = threading.Event()
        self._watchers: list[threading.Thread] = []

    @property
    def conninfo(self) -> str:
        """The URL of the service's database."""
        return conninfo(self._socket_directory)

    def watch(self, callback: Callable[[], None]) -> None:
        """Calls ``callback`` once, from a thread, when the server ends without being stopped."""

        def wait() -> None:
            self._process.wait()
            if not self._stopping.is_set():
                callback()

        watcher = threading.Thread(target=wait, name="embedded-postgres", daemon=True)
        self._watchers.append(watcher)
        watcher.start()

    def await_connections(self, cluster: Path, deadline: float) -> str | None:
        """Waits until the service's database accepts connections; returns None, or the fault.

        Args:
            cluster: the directory on which it runs.
            deadline: on the monotonic clock, in seconds.
        """
        refusal: str | None = "it is not ready"
        while True:
            try:
                return f"ended with status {self._process.wait(POLL_SECONDS)}"
            except subprocess.TimeoutExpired:
                postmaster = read_postmaster(cluster)
            if postmaster is not None and postmaster.is_ready_as(self._process.pid):
                refusal = _make_database(self._socket_directory)
                if refusal is None:
                    return None
            if time.monotonic() > deadline:
                return f"did not accept connections in time ({refusal})"

    def stop(self) -> None:
        """Ends the server, gently at first, and reaps it."""
        self._stopping.set()
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, QUIT_SECONDS)):
            self._process.send_signal(number)
            try:
                self._process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        else:
            self._process.kill()
            self._process.wait()
        for watcher in self._watchers:
            watcher.join(JOIN_SECONDS)


def conninfo(socket_directory: Path, database: str = DATABASE) -> str:
    """Returns a URL for psycopg, SQLAlchemy and psql."""
    return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(socket_directory))}&port=5432"


def accepts(url: str) -> bool:
    """Tells whether a server accepts a connection to its database."""
    try:
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


def start_server(
    cluster: Path,
    socket_directory: Path,
    account: Account,
    binaries: Binaries,
    timeout_seconds: float,
) -> Server:
    """Starts the server and waits until the service's database accepts connections.

    Raises:
        ConfigurationError: it ended, or accepted no connection in time; no process is left of it.
        OSError: its log cannot be written.
    """
    deadline = time.monotonic() + timeout_seconds
    settings = {
        **SETTINGS,
        **wal_settings(cluster),
        "unix_socket_directories": str(socket_directory),
    }
    options = [word for setting in settings.items() for word in ("-c", "=".join(setting))]
    command: list[str | Path] = [binaries.bin_dir / "postgres", "-D", cluster, *options]
    while True:
        try:
            return _started(cluster, socket_directory, account, command, deadline)
        except ConfigurationError as error:
            # A busy backend outlives a killed server until it next looks up from its query.
            if STILL_IN_USE not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(POLL_SECONDS)


def _started(
    cluster: Path,
    socket_directory: Path,
    account: Account,
    command: Sequence[str | Path],
    deadline: float,
) -> Server:
    with open_log(cluster.parent / "postgres.log") as log, ExitStack() as undo:
        server = Server(child.start(account, command, log.descriptor), socket_directory)
        undo.callback(server.stop)
        fault = server.await_connections(cluster, deadline)
        if fault is not None:
            raise ConfigurationError(f"the embedded Postgres {fault}: {log.tail()}")
        undo.pop_all()
        return server


def _make_database(socket_directory: Path) -> str | None:
    """Makes the service's database as it must be; returns None, or the fault."""
    try:
        with psycopg.connect(
            conninfo(socket_directory, "postgres"),
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
        ) as connection:
            if connection.execute(DATABASE_EXISTS, [DATABASE]).fetchone() is None:
                connection.execute(CREATE_DATABASE)
            if connection.execute(IS_OPEN, [DATABASE]).fetchone() == (True,):
                connection.execute(CLOSE)
    except psycopg.Error as error:
        return str(error).strip()
    return None
