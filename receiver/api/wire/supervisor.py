"""The supervisor of several workers: a stop closes the door first, and takes a bounded time.

    step of the stop                          who                   when
    ----------------------------------------  --------------------  ------------------------------
    its copy of the door is closed            the supervisor        at the signal
    every worker is told, and closes its own  the supervisor        at the signal
    open requests end, the worker closes      each worker           within its own limits
    a worker that has not ended is killed     the supervisor        at the end of the stop's limit

A door that one process still holds open goes on taking connections, which nobody answers.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import structlog
from uvicorn.supervisors import Multiprocess

from receiver.api.wire.config import ServerConfig


class Supervisor(Multiprocess):
    """Starts the workers, replaces one that ended, and ends them all at a signal.

    Args:
        door: the listening socket, of which each worker gets a copy.
        stop_seconds: how long a stop may take.
    """

    def __init__(self, config: ServerConfig, door: socket.socket, *, stop_seconds: float) -> None:
        super().__init__(config, sockets=[door])
        self._door = door
        self._stop_seconds = stop_seconds
        self._is_stopping = False
        self._log = structlog.get_logger(__name__)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        """Begins the stop, in whatever this process is doing; it may wait for a worker that hangs.

        A second signal changes nothing.
        """
        if self._is_stopping:
            return
        self._is_stopping = True
        # In a thread: the signal may have come while this one holds the lock of the event.
        threading.Thread(target=self.should_exit.set, name="stop", daemon=True).start()
        self._close_door()
        for process in self.processes:
            if process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGTERM)

    def init_processes(self) -> None:
        """Starts the workers, unless a stop has begun."""
        with self._starting():
            super().init_processes()
        self._leave_pipes_to_workers()

    def keep_subprocess_alive(self) -> None:
        """Replaces a worker that ended, unless a stop has begun."""
        before = list(self.processes)
        with self._starting():
            super().keep_subprocess_alive()
        self._leave_pipes_to_workers()
        for ended, process in zip(before, self.processes, strict=True):
            if ended is not process:
                self._log.warning("worker replaced", ended=ended.pid, status=ended.exitcode)

    def _leave_pipes_to_workers(self) -> None:
        """Closes what only workers write to, so that the end of one is seen while it is asked.

        Otherwise the answer of a worker that was killed meanwhile is waited for to the end.
        """
        for process in self.processes:
            process.child_conn.close()

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Ends a start in whose midst a stop has closed the door; no process was made yet."""
        try:
            yield
        except (OSError, ValueError):
            if not self._is_stopping:
                raise

    def terminate_all(self) -> None:
        """Tells every worker to end, behind a closed door."""
        self._close_door()
        super().terminate_all()

    def join_all(self) -> None:
        """Waits for the end of every worker, and kills those that take too long."""
        ends_at = time.monotonic() + self._stop_seconds
        for process in self.processes:
            process.process.join(max(0.0, ends_at - time.monotonic()))
            if process.process.is_alive():
                self._log.error(
                    "worker did not end", process=process.pid, seconds=self._stop_seconds
                )
                process.kill()
                process.process.join()

    def _close_door(self) -> None:
        self._door.close()
