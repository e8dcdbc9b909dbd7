"""All events leave once, by one export or by pages: how fast, and what each process takes."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import quote

from benchmark.machine.postgres import Server
from benchmark.machine.processes import read_cpu_seconds

# The largest page that there is.
PAGE = "/events?limit=1000"
EXPORT = "/events/export?format={}"
FORMATS = ("ndjson", "csv")
READ_BYTES = 64 * 1024
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Left:
    """All events that left in one way.

    Attributes:
        way: in words.
        events: how many.
        server_cpu_seconds, postgres_cpu_seconds: of the service, and of Postgres; None: it runs on
            another machine.
    """

    way: str
    events: int
    seconds: float
    server_cpu_seconds: float
    postgres_cpu_seconds: float | None

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def leave(address: str, pid: int, server: Server, token: str) -> Iterator[Left]:
    """Takes all events out by pages, and then by an export in each format of lines.

    Args:
        pid: of the serving process.
        token: of a reader.
    """
    ways: dict[str, Callable[[HTTPConnection, str], int]] = {"pages of 1000": turn_pages}
    ways |= {f"export, {format_}": Export(format_) for format_ in FORMATS}
    postmaster = server.find_process()
    for way, take in ways.items():
        # In each way a connection of its own, as a client would have.
        connection = HTTPConnection(address.removeprefix("http://"), timeout=TIMEOUT_SECONDS)
        with closing(connection):
            cpu = read_cpu_seconds(pid)
            of_postgres = None if postmaster is None else read_cpu_seconds(postmaster.pid)
            begin = time.perf_counter()
            events = take(connection, token)
            seconds = time.perf_counter() - begin
            if postmaster is not None and of_postgres is not None:
                of_postgres = read_cpu_seconds(postmaster.pid) - of_postgres
            yield Left(way, events, seconds, read_cpu_seconds(pid) - cpu, of_postgres)


def turn_pages(connection: HTTPConnection, token: str) -> int:
    """Reads every page as JSON, which a client needs for the cursor; returns how many events."""
    events, path = 0, PAGE
    while True:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        page = json.loads(connection.getresponse().read())
        events += len(page["items"])
        if "nextCursor" not in page:
            return events
        path = f"{PAGE}&cursor={quote(page['nextCursor'])}"


@dataclass(frozen=True, slots=True)
class Export:
    """One export, of which the lines are counted: as many as events, but for the header of CSV.

    Attributes:
        format: of the lines.
    """

    format: str

    def __call__(self, connection: HTTPConnection, token: str) -> int:
        """Reads it whole; returns how many events.

        Raises:
            RuntimeError: the answer is not 200.
        """
        path = EXPORT.format(self.format)
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"export: {answer.status}")
        lines = 0
        while piece := answer.read(READ_BYTES):
            lines += piece.count(b"\n")
        return lines - (self.format == "csv")
