"""What one serving process runs; it ends when the process that started it does."""

import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time

import structlog
from starlette.types import ASGIApp

from receiver.api.sink.path import PATH
from receiver.api.wire import protocol
from receiver.app.application import create_app
from receiver.app.processes import shared_metrics
from receiver.errors import Unavailable
from receiver.log import configure_logging
from receiver.log_lines import lines_to_stderr
from receiver.settings.settings import Settings
from receiver.store.connections.database import session
from receiver.tracing.environment import tracing_from

# How many objects come to be, less those gone again, between two looks of the collector. A batch in
# flight holds thousands, which each look goes through in vain: with 5,000 batches took 7 % more CPU
# in the server (`python -m benchmark`). What garbage piles up meanwhile is a few megabytes.
YOUNG_OBJECTS = 50_000

# Between two tries to reach a database that is away.
AWAY_PAUSE_SECONDS = 0.5


def create() -> ASGIApp:
    """The application, from the environment; uvicorn calls it in each serving process."""
    settings = Settings.from_environment()
    lines = lines_to_stderr()
    configure_logging(settings.log_format, settings.log_level, lines)
    # What is no request is counted; a line for each would let strangers fill the log.
    logging.getLogger(protocol.LOGGER).setLevel(logging.ERROR)
    if multiprocessing.parent_process() is not None:
        # A terminal's Ctrl-C reaches every process; this one ends when its parent says so.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()
        if settings.database_conninfo is not None:
            _await_database(settings.database_conninfo)
    tracing = tracing_from(os.environ, PATH)
    app = create_app(settings, shared_metrics.find_directory(), tracing, lines)
    _spare_the_collector()
    return app


def _await_database(conninfo: str) -> None:
    """Waits for a database that is away when one of several workers starts, as after its crash.

    A worker that fails in its start would end the service.
    """
    is_told = False
    # The server takes note of a signal, and would end once it runs.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = getattr(before, "__self__", None)
    try:
        while True:
            try:
                with session(conninfo):
                    return
            except Unavailable as error:
                if not is_told:
                    structlog.get_logger(__name__).warning("worker waits", reason=str(error))
                is_told = True
                if getattr(server, "should_exit", False):
                    # It was told before this wait began.
                    sys.exit(0)
                time.sleep(AWAY_PAUSE_SECONDS)
    finally:
        signal.signal(signal.SIGTERM, before)


def _spare_the_collector() -> None:
    """What stands by now stays for ever: looking through it again and again held requests up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        # A parent that was killed could not; what this process counts in stays open to it.
        shared_metrics.remove()
