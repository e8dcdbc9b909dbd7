"""A stop of several workers: the door is closed at once, and a worker that hangs is ended."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from receiver.api.wire.config import ServerConfig
from receiver.api.wire.supervisor import Supervisor
from tests.support.listening import BOUNDS
from tests.support.processes import until

PROGRAM = """
import os, socket, time
from receiver.api.wire import server
from receiver.settings.settings import Settings

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        print("started", os.getpid(), flush=True)
        await receive()
        time.sleep(3600)

def factory():
    return app

if __name__ == "__main__":
    door = socket.create_server(("127.0.0.1", 0))
    print(door.getsockname()[1], flush=True)
    server.CLOSE_SECONDS = 0.0
    settings = Settings(
        port=0,
        workers=2,
        shutdown_timeout_seconds=1,
        commit_timeout_seconds=0.5,
        patience_seconds=0.5,
    )
    server.run("hanging:factory", settings, door, connection_limit=10)
"""


def is_refused(port: int) -> bool:
    with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 10):
        return False
    return True


@contextmanager
def two_workers(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Yields the supervisor, and what it and its workers print."""
    (folder / "hanging.py").write_text(PROGRAM)
    printed = folder / "printed"
    with printed.open("wb") as stdout:
        process = subprocess.Popen([sys.executable, "hanging.py"], cwd=folder, stdout=stdout)
    try:
        assert until(lambda: printed.read_text().count("started") == 2)
        yield process, printed
    finally:
        process.kill()
        process.wait()


def test_a_worker_that_is_killed_while_it_is_asked_is_replaced_at_once(tmp_path: Path) -> None:
    with two_workers(tmp_path) as (process, printed):
        victim = int(printed.read_text().split("started")[1])
        os.kill(victim, signal.SIGSTOP)
        # The supervisor asks twice a second, and gets no answer.
        time.sleep(1.5)
        os.kill(victim, signal.SIGKILL)
        assert until(lambda: printed.read_text().count("started") == 3)
        # The log of a process that configures none goes to the same place.
        line = re.compile(rf"worker replaced +ended={victim} status=-9")
        assert until(lambda: line.search(printed.read_text()) is not None)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_stop_closes_the_door_first_and_ends_workers_that_hang(tmp_path: Path) -> None:
    with two_workers(tmp_path) as (process, printed):
        port = int(printed.read_text().split()[0])
        assert not is_refused(port)
        process.send_signal(signal.SIGTERM)
        assert until(lambda: is_refused(port))
        assert process.poll() is None
        assert process.wait(30) == 0


def test_a_stop_in_the_midst_of_a_start_starts_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    config = ServerConfig("app:create", request=BOUNDS, connection_limit=1, workers=2)
    with socket.create_server(("127.0.0.1", 0)) as door:
        supervisor = Supervisor(config, door, stop_seconds=1)
        for _ in range(2):
            handlers[signal.SIGTERM](signal.SIGTERM, None)
        assert door.fileno() == -1
        supervisor.init_processes()
    supervisor.run()
    assert supervisor.processes == []
