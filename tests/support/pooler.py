"""PgBouncer in transaction mode before a Postgres, as Debian ships it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

SECONDS = 20

CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
"""


def find_pgbouncer() -> str:
    """Returns the program; skips the test where there is none."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed here")
    return program


@contextmanager
def transaction_pooler(conninfo: str, size: int = 6) -> Iterator[str]:
    """Runs a pooler before a server; yields the connection string through it.

    Args:
        size: sessions of the server for each database.
    """
    program = find_pgbouncer()
    server = conninfo_to_dict(conninfo)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen_port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="pooler-"))
    folder.chmod(0o755)
    try:
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(
            CONFIGURATION.format(
                host=server["host"],
                port=server.get("port", 5432),
                user=server["user"],
                password=f" password={server['password']}" if "password" in server else "",
                listen_port=listen_port,
                size=size,
            )
        )
        configuration.chmod(0o644)
        process = subprocess.Popen(
            [program, *_account(str(server["host"])), str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        try:
            pooled = f"postgresql://{server['user']}@127.0.0.1:{listen_port}/{server['dbname']}"
            _await(pooled, process)
            yield pooled
        finally:
            process.terminate()
            process.wait(SECONDS)
    finally:
        shutil.rmtree(folder)


def _account(host: str) -> list[str]:
    """As root it must run as somebody else: as the owner of the socket, who alone reaches it."""
    if os.geteuid() != 0:
        return []
    uid = Path(host).stat().st_uid if host.startswith("/") else pwd.getpwnam("nobody").pw_uid
    return ["-u", pwd.getpwuid(uid or pwd.getpwnam("nobody").pw_uid).pw_name]


def _await(pooled: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            psycopg.connect(make_conninfo(pooled, connect_timeout=5)).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
