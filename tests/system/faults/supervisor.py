"""The service as an init system runs it: on one port, started again whenever it has ended."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil

from receiver.client import Client, ClientError
from tests.support.ports import free_port
from tests.support.processes import living, until
from tests.support.service import Installation

AGAIN_SECONDS = 0.5
START_SECONDS = 60
# What the longest documented stop takes, and a busy machine's share.
STOP_SECONDS = 90


class Supervisor:
    """Runs `receiver serve`, and starts it again when it ends.

    Attributes:
        address: the URL of the service, in all its lives.
        ends: why each of them ended before it was told to: its status, and its last line.
    """

    def __init__(self, installation: Installation, workers: int) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self._installation = installation
        # The last of two options counts.
        self._options = ("--port", str(port), "--workers", str(workers))
        self._workers = workers
        self._closing = threading.Event()
        self.ends: list[str] = []
        self._process, self._output = installation.launch(*self._options)
        self._watching = threading.Thread(target=self._watch, name="supervisor")
        self._watching.start()

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The service of now."""
        return self._process

    def family(self) -> list[Any]:
        """Returns the processes of the service of now, its parent first."""
        with suppress(psutil.NoSuchProcess):
            leader = psutil.Process(self._process.pid)
            return [leader, *leader.children(recursive=True)]
        return []

    def wait_until_ready(self) -> None:
        """Returns when it can store and answer."""
        with Client(self.address, timeout_seconds=5, retries=0) as client:
            assert until(lambda: _is_ready(client), START_SECONDS), "the service is not ready"

    def end(self) -> None:
        """Ends it for good, and whatever of it is left."""
        self._closing.set()
        family = self.family()
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        # One that began just then is another than that which was told to end.
        for process in living([*family, *self.family()]):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._watching.join()
        for process in living(self.family()):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def _last_line(self) -> str:
        """Returns what the service of now logged last; a pipe cannot be read again."""
        log = self._output.stderr
        lines = log.read_text().splitlines() if log.is_file() else []
        return lines[-1] if lines else "no line"

    def _watch(self) -> None:
        while True:
            self._process.wait()
            if self._closing.is_set():
                return
            self.ends.append(f"{self._process.returncode} ({self._last_line()})")
            if self._closing.wait(AGAIN_SECONDS):
                return
            self._process, self._output = self._installation.launch(*self._options)


def _is_ready(client: Client) -> bool:
    with suppress(ClientError):
        return client.get_readiness().status == "ready"
    return False


@contextmanager
def supervised(installation: Installation, workers: int) -> Iterator[Supervisor]:
    """Runs the service for the length of the block, which begins when it is ready."""
    supervisor = Supervisor(installation, workers)
    try:
        supervisor.wait_until_ready()
        yield supervisor
    finally:
        supervisor.end()
