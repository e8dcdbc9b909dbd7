"""The ownership of a data directory: this process runs its server, or borrows the owner's."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from receiver.errors import ConfigurationError
from receiver.postgres.accounts.account import postgres_account, user_name
from receiver.postgres.accounts.adoption import adopt, is_left_behind
from receiver.postgres.binaries import Binaries, installed_binaries, reachable_binaries
from receiver.postgres.cluster import CLUSTER, ready_cluster, require_owner
from receiver.postgres.directories import (
    make_data_dir,
    make_socket_directory,
    remove_socket_directory,
    require_open,
)
from receiver.postgres.environment import forget_libpq_variables
from receiver.postgres.lock import open_lock
from receiver.postgres.postmaster import POLL_SECONDS, outlive_predecessor, read_postmaster
from receiver.postgres.server import Server, accepts, conninfo, start_server

LOCK = "lock"


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A server that accepts connections.

    Attributes:
        conninfo: URL of its database, for psycopg and psql.
        owned: whether this process started the server and ends it.
        bin_dir: has ``psql`` and ``pg_dump`` of its version.
        server: our child; None if another process owns it.
    """

    conninfo: str
    owned: bool
    bin_dir: Path
    server: Server | None = field(default=None, repr=False)

    def watch(self, callback: Callable[[], None]) -> None:
        """Calls ``callback`` once, from a daemon thread, if the server ends before the block does.

        Raises:
            RuntimeError: the server is a child of another process, so its end is not ours to await.
        """
        if self.server is None:
            raise RuntimeError("only the owner of the embedded Postgres can watch it")
        self.server.watch(callback)


@contextmanager
def embedded_postgres(
    data_dir: Path, *, must_own: bool = False, start_timeout_seconds: float = 300.0
) -> Iterator[EmbeddedPostgres]:
    """Owns the data directory's Postgres for the length of the block, or borrows the owner's.

    The process takes nothing from `PG*` variables from then on.

    Args:
        data_dir: made if missing.
        must_own: refuse to borrow.
        start_timeout_seconds: limit of the wait for the server, ours or the owner's; generous,
            because after a crash it first replays its log.

    Raises:
        ConfigurationError: no server can run here; the message names the remedy.
        RuntimeError: we would own, and this is not the main thread.
    """
    forget_libpq_variables()
    try:
        home = data_dir.expanduser().resolve()
    except RuntimeError as error:  # a "~" of an unknown user, or a circle of links
        raise ConfigurationError(
            f"there is no data directory {data_dir} ({error});"
            " set RECEIVER_DATA_DIR, or DATABASE_URL"
        ) from error
    with ExitStack() as stack:
        try:
            postgres = _enter(stack, home, must_own, start_timeout_seconds)
        except OSError as error:
            raise ConfigurationError(_no_access(home, error)) from error
        yield postgres


def _enter(
    stack: ExitStack, home: Path, must_own: bool, timeout_seconds: float
) -> EmbeddedPostgres:
    installed = installed_binaries()
    # Before the lock is made: a lock of ours would shut out the user to whom the directory belongs.
    if not (home / LOCK).exists():
        make_data_dir(home, postgres_account())
    lock = stack.enter_context(open_lock(home / LOCK))
    deadline = time.monotonic() + timeout_seconds
    while not lock.acquire():
        if must_own:
            raise ConfigurationError(
                "another receiver already serves from this data directory:"
                f" {home} (process {lock.holder()})"
            )
        postmaster = read_postmaster(home / CLUSTER)
        if postmaster is not None and postmaster.is_ready:
            url = conninfo(postmaster.socket_directory)
            if accepts(url):
                return EmbeddedPostgres(url, owned=False, bin_dir=installed.bin_dir)
        if time.monotonic() > deadline:
            raise ConfigurationError(
                f"the receiver that owns {home} (process {lock.holder()}) does not offer its"
                " Postgres in time"
            )
        time.sleep(POLL_SECONDS)
    server = _own(stack, home, installed, timeout_seconds)
    return EmbeddedPostgres(server.conninfo, True, installed.bin_dir, server)


def _own(stack: ExitStack, home: Path, installed: Binaries, timeout_seconds: float) -> Server:
    account = postgres_account()
    left_behind = is_left_behind(home, account)
    if not left_behind:
        require_owner(home, account)
    require_open(home, account)
    binaries = reachable_binaries(installed, account, home)
    cluster = ready_cluster(home, account, binaries)
    outlive_predecessor(cluster, timeout_seconds)
    if left_behind:
        adopt(cluster, account, timeout_seconds)
    socket_directory = make_socket_directory(home, account)
    stack.callback(remove_socket_directory, socket_directory)
    server = start_server(cluster, socket_directory, account, binaries, timeout_seconds)
    stack.callback(server.stop)
    return server


def _no_access(home: Path, error: OSError) -> str:
    owner = _owner(home) if isinstance(error, PermissionError) else None
    if owner is not None and owner != os.geteuid():
        name = user_name(owner)
        return (
            f"the receiver of {home} is run by user {name}; run this as {name},"
            " or choose another RECEIVER_DATA_DIR"
        )
    return (
        f"the data directory {home} cannot be used: {error.strerror} ({error.filename});"
        " choose another RECEIVER_DATA_DIR, or set DATABASE_URL"
    )


def _owner(home: Path) -> int | None:
    """Returns the uid of the user who runs the data directory's receiver; None if none ever did."""
    for path in (home / LOCK, home):
        try:
            return path.stat().st_uid
        except FileNotFoundError:
            return None
        except PermissionError:
            continue
    return None
