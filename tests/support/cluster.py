"""Servers on which databases of tests are made: one, or a coordinator of Citus and its workers.

A database of a test is a copy of a template. Where the template is distributed, it is copied under
one name on every node: shards and what the nodes know of each other are in the copies alike.
"""

import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from receiver.store.distribution.placement import plan
from receiver.store.distribution.reports import adapt_reports

# The coordinator of a cluster, with workers, in a database that has the extension.
CITUS_URL = os.environ.get("TEST_CITUS_URL")

GIVEN = CITUS_URL or os.environ.get("TEST_DATABASE_URL")
# The servers of the tests lie in memory, where a copy of files costs least; on a disk it would
# wait for two checkpoints.
STRATEGY = sql.SQL("WAL_LOG" if GIVEN else "FILE_COPY")

# Two for each of two workers: what several shards do, in few files to copy.
SHARDS = 4

NODES = """
SELECT nodename, nodeport FROM pg_dist_node WHERE isactive ORDER BY groupid <> 0, groupid
"""
MAKE_EXTENSION = "CREATE EXTENSION citus"
SET_COORDINATOR = "SELECT citus_set_coordinator_host(%s, %s)"
ADD_NODE = "SELECT citus_add_node(%s, %s)"

# The extension keeps a process connected to each database that has it, and begins it anew. While
# somebody is connected, a database is neither copied nor dropped.
CLOSE = "ALTER DATABASE {} ALLOW_CONNECTIONS false"
END_PROCESSES = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"

_numbers = itertools.count(1)

distributed = pytest.mark.skipif(
    CITUS_URL is None, reason="no coordinator of Citus is named by TEST_CITUS_URL"
)


class Cluster:
    """Servers with databases of the same names; the first is the one that is asked.

    Args:
        urls: of a database on each of them.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        # A connection for each copy and each drop was a quarter of what they cost.
        self._servers = [psycopg.connect(url, autocommit=True) for url in urls]
        self._alone = self if len(urls) == 1 else type(self)(urls[:1])

    def disconnect(self) -> None:
        """Ends the connections to the servers."""
        for server in (*self._servers, *self._alone._servers):
            server.close()

    @classmethod
    def of(cls, coordinator: str) -> Self:
        """Returns the nodes that a coordinator knows, itself first."""
        with psycopg.connect(coordinator) as connection:
            nodes = connection.execute(NODES).fetchall()
        return cls([_at(coordinator, *node) for node in nodes])

    @property
    def is_distributed(self) -> bool:
        return len(self._urls) > 1

    def url(self, name: str) -> str:
        """Returns the URL of a database of that name, where it is asked."""
        return database_named(self._urls[0], name)

    @property
    def alone(self) -> "Cluster":
        """The first server without the others."""
        return self._alone

    def make(self, name: str) -> str:
        """Makes a database on every node, with the extension if there are several."""
        for server, url in zip(self._servers, self._urls, strict=True):
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            if self.is_distributed:
                execute(database_named(url, name), sql.SQL(MAKE_EXTENSION))
        if self.is_distributed:
            with psycopg.connect(self.url(name), autocommit=True) as connection:
                for number, url in enumerate(self._urls):
                    parts = urlsplit(url)
                    join = ADD_NODE if number else SET_COORDINATOR
                    connection.execute(join, [parts.hostname, parts.port])
        return self.url(name)

    def distribute(self, name: str) -> None:
        """Distributes the tables of a migrated database, if there are several nodes."""
        if self.is_distributed:
            with psycopg.connect(self.url(name), autocommit=True) as connection:
                for step in plan(SHARDS):
                    connection.execute(step.command.encode())
                adapt_reports(connection)

    def close(self, name: str) -> None:
        """Ends what is connected to a database, for good: it is a template now, or dropped."""
        if not self.is_distributed:
            return
        for server in self._servers:
            server.execute(sql.SQL(CLOSE).format(sql.Identifier(name)))
            server.execute(END_PROCESSES, [name])

    @contextmanager
    def copied(self, template: str) -> Iterator[str]:
        """Copies a template on every node for the length of the block; the URL of the copy.

        The copy is another database of the same installation: its devices have the same ids.
        """
        name = database_name("test")
        copying = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
            sql.Identifier(name), sql.Identifier(template), STRATEGY
        )
        for server in self._servers:
            server.execute(copying)
        yield self.url(name)
        self.drop(name)

    def drop(self, name: str) -> None:
        """Drops a database of every node."""
        self.close(name)
        dropping = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        for server in self._servers:
            server.execute(dropping)


def database_name(purpose: str) -> str:
    """Returns a name that no other database of the tests has."""
    return f"receiver_{purpose}_{os.getpid()}_{next(_numbers)}"


def database_named(server: str, name: str) -> str:
    """Returns the URL of another database of the same server."""
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{quote(name)}"))


def execute(url: str, statement: sql.SQL | sql.Composed) -> None:
    """Executes one statement outside of a transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def _at(url: str, host: str, port: int) -> str:
    """Returns the URL with the host of another node; the login is the same on all."""
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login}{at}{host}:{port}"))
