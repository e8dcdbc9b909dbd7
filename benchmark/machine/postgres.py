"""The one server that every contender writes to, and a database for each."""

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

# What decides how fast a commit is; shown with the results.
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
KEPT = """
SELECT coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname = 'public'
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A Postgres on which databases may be made.

    Attributes:
        url: of a database that is there.
        programs: where its own pgbench may be; None: not known.
    """

    url: str
    programs: Path | None

    def settings(self) -> dict[str, str]:
        """Those that decide how fast a commit is."""
        with connected(self.url) as connection:
            return {name: str(value(connection, f"SHOW {name}")) for name in SETTINGS}

    @contextmanager
    def database(self, purpose: str, template: str | None = None) -> Iterator[str]:
        """The URL of a database that is there for the length of the block.

        Args:
            template: the URL of the one to copy, which nobody is connected to.
        """
        name = f"load_{purpose.replace('-', '_')}_{token_hex(3)}"
        made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            with connected(template) as connection:
                original = str(value(connection, "SELECT current_database()"))
            made += sql.SQL(" TEMPLATE {}").format(sql.Identifier(original))
        with connected(self.url) as connection:
            connection.execute(made)
        try:
            yield _named(self.url, name)
        finally:
            dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            with connected(self.url) as connection:
                connection.execute(dropped.format(sql.Identifier(name)))

    def process(self) -> psutil.Process | None:
        """The postmaster, if it runs on this machine."""
        with connected(self.url) as connection:
            try:
                backend = psutil.Process(connection.info.backend_pid)
                is_ours = "postgres" in backend.name()
            except psutil.Error:
                return None
            return backend.parent() if is_ours else None


@contextmanager
def server(folder: Path, url: str | None) -> Iterator[Server]:
    """The server that is named, or an embedded one for the length of the block.

    Args:
        folder: where the embedded one keeps its data; the user it runs as can reach it.
    """
    if url is not None:
        yield Server(url, None)
        return
    with embedded_postgres(folder / "postgres") as embedded:
        yield Server(embedded.conninfo, embedded.bin_dir)


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """A connection in autocommit mode."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def value(connection: psycopg.Connection, query: str) -> object:
    """The only value of an answer."""
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def number(url: str, query: LiteralString) -> int:
    """The only value of an answer that is a number."""
    with connected(url) as connection:
        return int(str(value(connection, query)))


def checkpoint(url: str) -> None:
    """Starts everybody at the same place between two checkpoints."""
    with connected(url) as connection:
        connection.execute("CHECKPOINT")


def _named(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{quote(name)}"))
