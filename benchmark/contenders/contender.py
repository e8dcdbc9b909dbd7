"""A contender: how to prepare its database, to start it, and to find its events."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from subprocess import Popen

from benchmark.load.notifications import STRUCTURED, Series, new_series
from benchmark.machine import processes

# The slowest start takes two seconds, on a busy machine many times as long.
START_SECONDS = 60.0
# The fastest start takes 0.14 s.
POLL_SECONDS = 0.01
HOST = "127.0.0.1"
HANDLER_TOKEN = "my-token"  # noqa: S105 - the constant of every contender but the product


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contender runs.

    Attributes:
        url: of its prepared database.
        folder: for its log.
        workers: processes that serve.
        settings: environment variables of this run alone.
    """

    url: str
    folder: Path
    workers: int = 1
    settings: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """A contender that serves.

    Attributes:
        address: without a path.
        pid: of its first process.
        first_answer_seconds: from its start to its first 204.
    """

    address: str
    token: str
    pid: int
    first_answer_seconds: float

    @property
    def sink(self) -> str:
        """The URL that notifications are posted to."""
        return f"{self.address}/notifications"


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that takes notifications.

    Attributes:
        name: in options and results.
        title: for a reader.
        prepare: makes its tables in an empty database; None: it has no database.
        start: runs it for the length of a block.
        stored: a query for the ids of the stored events, as `event_id`; None: it stores nothing.
    """

    name: str
    title: str
    prepare: Callable[[str], None] | None
    start: Callable[[Place], AbstractContextManager[Instance]]
    stored: str | None


@contextmanager
def serve(
    command: Sequence[str | Path],
    place: Place,
    variables: Mapping[str, str],
    token: str,
    port: int,
    directory: Path = processes.ROOT,
) -> Iterator[Instance]:
    """Runs a program for the length of the block, which begins at its first 204.

    Args:
        directory: where it starts.

    Raises:
        RuntimeError: the program ended, or did not answer 204 in time; with the end of its log.
    """
    log = place.folder / f"{port}.log"
    settings = {**variables, **(place.settings or {})}
    begin = time.monotonic()
    with processes.run(command, settings, log, directory=directory) as process:
        address = f"http://{HOST}:{port}"
        _await_answer(process, address, token, log)
        yield Instance(address, token, process.pid, time.monotonic() - begin)


def serve_uvicorn(application: str, place: Place, token: str) -> AbstractContextManager[Instance]:
    """Serves an ASGI application of `handlers` in one process, as fast as uvicorn can.

    Args:
        application: as `module:name`.
    """
    port = processes.find_free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", f"benchmark.contenders.handlers.{application}"),
        *("--host", HOST, "--port", str(port), "--loop", "uvloop", "--http", "httptools"),
        *("--log-level", "warning", "--no-access-log"),
    ]
    return serve(command, place, {"DATABASE_URL": place.url}, token, port)


def post(address: str, token: str, series: Series, number: int = 0) -> int:
    """Sends one notification; returns the status of the answer.

    Raises:
        OSError, HTTPException: there is no answer.
    """
    connection = HTTPConnection(address.removeprefix("http://"), timeout=START_SECONDS)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": STRUCTURED}
    try:
        connection.request("POST", "/notifications", series.body(number), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def to_psycopg_url(url: str) -> str:
    """Returns the URL with the driver for SQLAlchemy."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _await_answer(process: Popen[bytes], address: str, token: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    answer = "nothing"
    while process.poll() is None and time.monotonic() < deadline:
        try:
            status = post(address, token, new_series())
        except (OSError, HTTPException) as error:
            answer = str(error)
        else:
            if status == 204:
                return
            answer = f"status {status}"
        time.sleep(POLL_SECONDS)
    printed = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{address} answered {answer}; it printed:\n{printed}")
