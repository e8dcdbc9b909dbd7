"""Standbys: a migrated database that a failover left behind, and one that follows its primary."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from receiver.postgres import child, embedded_postgres
from receiver.postgres.accounts.account import postgres_account
from receiver.postgres.binaries import installed_binaries, reachable_binaries
from receiver.postgres.server import accepts, conninfo
from receiver.store.schema.migrating import migrate

SECONDS = 60


@contextmanager
def standby(folder: Path, prepare: Callable[[str], None]) -> Iterator[str]:
    """Runs a standby without a primary for the length of the block.

    Args:
        folder: one that the user of Postgres can reach.
        prepare: is given the database while it is a primary.
    """
    home = folder / "data"
    with embedded_postgres(home) as primary:
        migrate(primary.conninfo)
        prepare(primary.conninfo)
    account = postgres_account()
    marker = home / "postgres" / "standby.signal"
    marker.touch()
    os.chown(marker, account.uid, account.gid)
    with _running(home / "postgres", folder) as url:
        yield url


@contextmanager
def streaming_standby(folder: Path, primary: str) -> Iterator[str]:
    """Runs a standby that follows a primary, which waits for it from then on.

    Args:
        folder: one that the user of Postgres can reach.
        primary: the URL of the primary, on a socket.
    """
    parts = conninfo_to_dict(primary)
    account = postgres_account()
    home = Path(tempfile.mkdtemp(prefix="st-", dir=folder))
    os.chown(home, account.uid, account.gid)
    cluster = home / "postgres"
    program = reachable_binaries(installed_binaries(), account, home).bin_dir / "pg_basebackup"
    whence = ("-h", str(parts["host"]), "-p", str(parts["port"]), "-U", str(parts["user"]))
    status, words = child.run(account, (program, *whence, "-D", cluster, "-R", "-c", "fast"))
    if status != 0:
        raise psycopg.OperationalError(words)
    with psycopg.connect(primary, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        connection.execute("SELECT pg_reload_conf()")
    with _running(cluster, home) as url:
        yield url


@contextmanager
def _running(cluster: Path, folder: Path) -> Iterator[str]:
    account = postgres_account()
    sockets = Path(tempfile.mkdtemp(prefix="sb-", dir=folder))
    os.chown(sockets, account.uid, account.gid)
    program = reachable_binaries(installed_binaries(), account, cluster.parent).bin_dir / "postgres"
    options = (f"-cunix_socket_directories={sockets}", "-clisten_addresses=")
    with (folder / "standby.log").open("wb") as log:
        process = child.start(account, (program, "-D", cluster, *options), log.fileno())
    try:
        _await(conninfo(sockets), process)
        yield conninfo(sockets)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while not accepts(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise psycopg.OperationalError("the standby does not accept connections")
        time.sleep(0.05)
