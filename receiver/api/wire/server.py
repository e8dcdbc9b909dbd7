"""Runs uvicorn: one server in this process, or a supervisor with several workers."""

import asyncio
import socket
import sys
from types import FrameType

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from receiver.api.wire.config import RequestBounds, ServerConfig
from receiver.api.wire.portioned import PortionedProtocol
from receiver.api.wire.supervisor import Supervisor
from receiver.settings.settings import Settings

# A worker that has not answered by then is replaced; on a busy machine starting takes a while.
WORKER_START_SECONDS = 60

# From the end of open requests to the end of a process, at most: the last commits have their own
# deadlines, and whatever else is closed asks a database that may be silent.
CLOSE_SECONDS = 15.0


class PatientServer(uvicorn.Server):
    """Ends in its own time: a second Ctrl-C must not cut off the commits the first waits for.

    Args:
        stop_seconds: how long a stop may take.
    """

    def __init__(self, config: uvicorn.Config, *, stop_seconds: float) -> None:
        super().__init__(config)
        self._stop_seconds = stop_seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Closes the door, lets open requests end, and closes the application."""
        try:
            async with asyncio.timeout(self._stop_seconds):
                await super().shutdown(sockets)
        except TimeoutError:
            log = structlog.get_logger(__name__)
            log.error("the application did not close", seconds=self._stop_seconds)

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
        http=PortionedProtocol,
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
    stop_seconds = settings.shutdown_timeout_seconds + CLOSE_SECONDS
    if settings.workers == 1:
        PatientServer(config, stop_seconds=stop_seconds).run(sockets=[door])
        return
    supervisor = Supervisor(config, door, stop_seconds=stop_seconds)
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        sys.exit(STARTUP_FAILURE)
