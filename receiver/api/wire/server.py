"""Runs uvicorn: one server in this process, or a supervisor with several workers."""

import socket
import sys
from types import FrameType

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from receiver.api.wire.config import RequestBounds, ServerConfig
from receiver.api.wire.protocol import BoundedHttpProtocol
from receiver.settings.settings import Settings

# A worker that has not answered by then is replaced; on a busy machine starting takes a while.
WORKER_START_SECONDS = 60


class PatientServer(uvicorn.Server):
    """Ends in its own time: a second Ctrl-C must not cut off the commits the first waits for."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            super().handle_exit(sig, frame)


def run(factory: str, settings: Settings, door: socket.socket, *, connection_limit: int) -> None:
    """Serves until a signal.

    Args:
        factory: `module:name` of what makes the application in each serving process.
        door: the listening socket.
        connection_limit: how many connections one process holds at once.

    Raises:
        SystemExit: a worker could not start.
    """
    config = ServerConfig(
        factory,
        request=RequestBounds(
            head_timeout_seconds=settings.header_timeout_seconds,
            head_limit_bytes=settings.header_limit_bytes,
            body_timeout_seconds=settings.body_timeout_seconds,
            answer_timeout_seconds=settings.answer_timeout_seconds,
        ),
        connection_limit=connection_limit,
        factory=True,
        http=BoundedHttpProtocol,
        workers=settings.workers,
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.shutdown_timeout_seconds,
        timeout_worker_healthcheck=WORKER_START_SECONDS,
    )
    if settings.workers == 1:
        PatientServer(config).run(sockets=[door])
        return
    supervisor = Multiprocess(config, sockets=[door])
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        sys.exit(STARTUP_FAILURE)
