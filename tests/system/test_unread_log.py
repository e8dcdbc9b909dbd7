"""A log that nobody reads stops nothing; `receiver serve 2>&1 | less` is such a one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.service import Installation, notification, status_of, until

EVENTS = 20


@pytest.fixture
def full_pipe(installation: Installation) -> Iterator[int]:
    """The reader of the pipe to which the service's stderr goes, which holds no byte more."""
    # The number that the installation gives the stderr of its next service.
    path = installation.folder / "stderr-1"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    fill(path)
    yield reader
    os.close(reader)


def fill(path: Path) -> None:
    writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    for size in (4096, 1):
        try:
            while True:
                os.write(writer, b" " * size)
        except BlockingIOError:
            pass
    os.close(writer)


def read_all(reader: int) -> str:
    read = b""
    try:
        while more := os.read(reader, 65536):
            read += more
    except BlockingIOError:
        pass
    return read.decode()


def test_a_log_that_nobody_reads_stops_nothing(installation: Installation, full_pipe: int) -> None:
    sink, reader = installation.token("sink"), installation.token("reader")
    with installation.serve("--workers", "2", RECEIVER_LOG_LEVEL="debug") as service:
        asking = service.ask_as(reader)
        ids = []
        for _ in range(EVENTS):
            body = notification()
            assert service.post({}, sink) == 400
            assert service.post(body, sink) == 204
            ids.append(body["id"])
            # Each leaves an audit line.
            assert asking.list_events().items
        for probe in (asking.get_liveness, asking.get_readiness, asking.get_metrics):
            assert status_of(probe) == 200
        found = {event.event_id for event in service.history(reader)}
        assert found.issuperset(ids)
        # What waited is written once somebody reads.
        logged = ""

        def is_heard() -> bool:
            nonlocal logged
            logged += read_all(full_pipe)
            return "questions.read" in logged

        assert until(is_heard)
        fill(installation.folder / "stderr-1")
        service.process.terminate()
        assert service.wait() == 0
