"""The one server of all contenders, and a database for each."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import LiteralString
from urllib.parse import quote, urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

from receiver.postgres import embedded_postgres

# These decide how fast a commit is; the page shows them.
SETTINGS = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_level",
    "shared_buffers",
    "max_wal_size",
    "checkpoint_timeout",
    "autovacuum",
)
WRITTEN = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
PAGE_IMAGES = "SELECT wal_fpi FROM pg_stat_wal"
CLIENTS = """
SELECT count(*)
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND datname = current_database()
    AND pid <> pg_backend_pid()
"""
# A backend ends within milliseconds of its client.
END_SECONDS = 10.0
POLL_SECONDS = 0.01
DISK = """
SELECT coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname = 'public'
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A Postgres on which databases may be made.

    Attributes:
        url: of an existing database.
        programs: the folder of its own pgbench; None: unknown.
    """

    url: str
    programs: Path | None

    def read_settings(self) -> dict[str, str]:
        """Reads the settings that decide how fast a commit is."""
        with connect(self.url) as connection:
            return {name: str(ask_value(connection, f"SHOW {name}")) for name in SETTINGS}

    @contextmanager
    def make_database(self, purpose: str, template: str | None = None) -> Iterator[str]:
        """Makes a database for the length of the block; gives its URL.

        Args:
            template: the URL of a database to copy; it has no connections.
        """
        name = f"benchmark_{purpose.replace('-', '_')}_{token_hex(3)}"
        made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            with connect(template) as connection:
                original = str(ask_value(connection, "SELECT current_database()"))
            made += sql.SQL(" TEMPLATE {}").format(sql.Identifier(original))
        with connect(self.url) as connection:
            connection.execute(made)
        try:
            yield _named(self.url, name)
        finally:
            dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            with connect(self.url) as connection:
                connection.execute(dropped.format(sql.Identifier(name)))

    def find_process(self) -> psutil.Process | None:
        """Finds the postmaster, if it runs on this machine."""
        with connect(self.url) as connection:
            try:
                backend = psutil.Process(connection.info.backend_pid)
                is_ours = "postgres" in backend.name()
            except psutil.Error:
                return None
            return backend.parent() if is_ours else None


@contextmanager
def open_server(folder: Path, url: str | None) -> Iterator[Server]:
    """Gives the named server, or an embedded one for the length of the block.

    Args:
        folder: for the data of the embedded one; its user can reach the folder.
    """
    if url is not None:
        yield Server(url, None)
        return
    with embedded_postgres(folder / "postgres") as embedded:
        yield Server(embedded.conninfo, embedded.bin_dir)


@contextmanager
def connect(url: str) -> Iterator[psycopg.Connection]:
    """Connects in autocommit mode for the length of the block."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def ask_value(connection: psycopg.Connection, query: str) -> object:
    """Returns the only value of an answer."""
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def ask_number(url: str, query: LiteralString) -> int:
    """Returns the only value of an answer, a number."""
    with connect(url) as connection:
        return int(str(ask_value(connection, query)))


def checkpoint(url: str) -> None:
    """Takes a checkpoint, so that every case starts at the same distance from the next."""
    with connect(url) as connection:
        connection.execute("CHECKPOINT")


def count_page_images(url: str) -> int:
    """Returns the whole pages that the server wrote into its log, in all its databases.

    The server counts what a session wrote once a second at most, and at its end; so this waits for
    the end of every other session of the database.

    Raises:
        RuntimeError: another session stays.
    """
    deadline = time.monotonic() + END_SECONDS
    with connect(url) as connection:
        while ask_value(connection, CLIENTS) != 0:
            if time.monotonic() > deadline:
                raise RuntimeError("a session of the database stays, so its log is not counted")
            time.sleep(POLL_SECONDS)
        return int(str(ask_value(connection, PAGE_IMAGES)))


def _named(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{quote(name)}"))
