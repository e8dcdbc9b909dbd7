"""PgBouncer before a Postgres, in transaction mode unless said, as Debian ships it."""

import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.support.paths import ROOT
from tests.support.ports import free_port

SECONDS = 20

CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
server_login_retry = 1
"""

USERS = """
SELECT format('"%%s" "%%s"', rolname, rolpassword) FROM pg_authid WHERE rolname = %s
"""


def find_pgbouncer() -> str:
    """Returns the program; skips the test where there is none."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed here")
    return program


@contextmanager
def transaction_pooler(conninfo: str, size: int = 6, mode: str = "transaction") -> Iterator[str]:
    """Runs a pooler before a server; yields the connection string through it.

    Args:
        size: sessions of the server for each database.
        mode: `transaction`, `session` or `statement`.
    """
    server = conninfo_to_dict(conninfo)
    port = free_port()
    configuration = CONFIGURATION.format(
        host=server["host"],
        port=server.get("port", 5432),
        user=server["user"],
        password=f" password={server['password']}" if "password" in server else "",
        listen_port=port,
        size=size,
        mode=mode,
    )
    pooled = f"postgresql://{server['user']}@127.0.0.1:{port}/{server['dbname']}"
    with _running(configuration, str(server["host"]), pooled):
        yield pooled


@contextmanager
def shipped_pooler(conninfo: str) -> Iterator[str]:
    """Runs the pooler of `deploy/`, with other hosts, ports and places alone.

    A superuser with a password logs in through it, for the length of the block.
    """
    server = conninfo_to_dict(conninfo)
    port, login, word = free_port(), f"pooled_{os.getpid()}", secrets.token_hex(8)
    place = f"host={server['host']} port={server.get('port', 5432)} dbname={server['dbname']}"
    with psycopg.connect(conninfo, autocommit=True) as administrator:
        made = sql.SQL("CREATE ROLE {} LOGIN SUPERUSER PASSWORD {}")
        administrator.execute(made.format(sql.Identifier(login), sql.Literal(word)))
        [(users,)] = administrator.execute(USERS, [login]).fetchall()
        text = (ROOT / "deploy" / "pgbouncer.ini").read_text()
        for name, value in (
            ("receiver", place),
            ("listen_port", str(port)),
            ("auth_file", "{users}"),
        ):
            text = re.sub(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
        pooled = f"postgresql://{login}:{word}@127.0.0.1:{port}/receiver"
        try:
            with _running(text, str(server["host"]), pooled, users):
                yield pooled
        finally:
            administrator.execute(
                sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(sql.Identifier(login))
            )
            administrator.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(login)))
            administrator.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(login)))


@contextmanager
def _running(configuration: str, host: str, pooled: str, users: str = "") -> Iterator[None]:
    """Runs a pooler for the length of the block.

    Args:
        configuration: `{users}` in it becomes the file with the users.
        host: of the server.
        pooled: the way through the pooler.
    """
    program = find_pgbouncer()
    folder = Path(tempfile.mkdtemp(prefix="pooler-"))
    folder.chmod(0o755)
    try:
        file, list_ = folder / "pgbouncer.ini", folder / "userlist.txt"
        list_.write_text(users)
        file.write_text(configuration.replace("{users}", str(list_)))
        for one in (file, list_):
            one.chmod(0o644)
        process = subprocess.Popen(
            [program, *_account(host), str(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        try:
            _await(pooled, process)
            yield
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
