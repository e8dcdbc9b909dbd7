"""PgBouncer before the server of the benchmark: the file of `deploy/` with other addresses."""

import os
import pwd
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmark.machine import processes
from receiver.errors import ConfigurationError

SHIPPED = processes.ROOT / "deploy" / "pgbouncer.ini"
# It starts within a tenth of a second.
START_SECONDS = 20.0
POLL_SECONDS = 0.05


@contextmanager
def pool(url: str, folder: Path) -> Iterator[tuple[str, int]]:
    """Runs a pooler for the length of the block; gives the URL through it, and its process id.

    Args:
        folder: for its file and its log; the user of Postgres can reach it.

    Raises:
        ConfigurationError: PgBouncer is not installed.
    """
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        raise ConfigurationError("pgbouncer is not installed")
    port = processes.find_free_port()
    file = folder / "pgbouncer.ini"
    file.write_text(_configure(url, port))
    file.chmod(0o644)
    words = conninfo_to_dict(url)
    command: list[str | Path] = [program, *_account(str(words["host"])), file]
    log = folder / "pgbouncer.log"
    with processes.run(command, {}, log, directory=Path("/")) as process:
        pooled = f"postgresql://{words['user']}@127.0.0.1:{port}/{words['dbname']}"
        _await(pooled)
        yield pooled, process.pid


def _configure(url: str, port: int) -> str:
    """Returns the shipped file with other addresses, and without passwords."""
    words = conninfo_to_dict(url)
    password = f" password={words['password']}" if "password" in words else ""
    server = f"host={words['host']} port={words.get('port', 5432)} user={words['user']}{password}"
    text = re.sub(r"(?m)^receiver = .*$", f"* = {server}", SHIPPED.read_text())
    text = re.sub(r"(?m)^listen_port = .*$", f"listen_port = {port}", text)
    text = re.sub(r"(?m)^auth_type = .*$", "auth_type = any", text)
    return re.sub(r"(?m)^auth_file = .*\n", "", text)


def _account(host: str) -> list[str]:
    """As root it must run as somebody else: as the owner of the socket, who alone reaches it."""
    if os.geteuid() != 0:
        return []
    owner = Path(host).stat().st_uid if host.startswith("/") else 0
    return ["-u", pwd.getpwuid(owner or pwd.getpwnam("nobody").pw_uid).pw_name]


def _await(pooled: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(pooled, connect_timeout=5).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return
