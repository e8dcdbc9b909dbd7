"""A migrated database on a standby, as a failover leaves one behind."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

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
    sockets = Path(tempfile.mkdtemp(prefix="sb-", dir=folder))
    marker = home / "postgres" / "standby.signal"
    marker.touch()
    for path in (sockets, marker):
        os.chown(path, account.uid, account.gid)
    program = reachable_binaries(installed_binaries(), account, home).bin_dir / "postgres"
    options = (f"-cunix_socket_directories={sockets}", "-clisten_addresses=")
    with (folder / "standby.log").open("wb") as log:
        process = child.start(account, (program, "-D", home / "postgres", *options), log.fileno())
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
