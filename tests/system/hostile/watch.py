"""Watches a service from outside: its memory, its descriptors, and what Postgres has of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from tests.support.service import Service
from tests.system.hostile.marks import PLANTED

SAMPLE_SECONDS = 0.2
OURS = "hostile run"

CLIENTS = f"""
SELECT count(*), string_agg(query, E'\\n') FROM pg_stat_activity
WHERE backend_type = 'client backend' AND application_name <> '{OURS}' OR query LIKE '%{PLANTED}%'
"""  # noqa: S608 - from this file


@dataclass(slots=True)
class Watch:
    """What was seen so far.

    Attributes:
        rss: bytes of memory of the serving process, sample by sample.
        connections: the most that Postgres had at once.
        statements: the texts of all statements that it showed.
    """

    process: psutil.Process
    rss: list[int] = field(default_factory=list)
    connections: int = 0
    statements: set[str] = field(default_factory=set)

    def descriptors(self) -> int:
        """That the process has open now."""
        return int(self.process.num_fds())


def connect(data_dir: Path) -> psycopg.Connection:
    """A connection past the service to its embedded Postgres."""
    return psycopg.connect(
        host=str(data_dir / "run"),
        port=5432,
        user="receiver",
        dbname="receiver",
        application_name=OURS,
        autocommit=True,
    )


@contextmanager
def watching(service: Service, data_dir: Path) -> Iterator[Watch]:
    """Samples for the length of the block."""
    ended = threading.Event()
    watch = Watch(psutil.Process(service.process.pid))

    def sample() -> None:
        with connect(data_dir) as database:
            while not ended.wait(SAMPLE_SECONDS):
                watch.rss.append(watch.process.memory_info().rss)
                row = database.execute(CLIENTS).fetchone()
                assert row is not None
                number, statements = row
                # One of them is this one.
                watch.connections = max(watch.connections, number - 1)
                watch.statements.update(statements.splitlines())

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()
