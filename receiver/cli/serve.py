"""`receiver serve`: finds the database, opens the port, runs the workers, and ends them all."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Annotated

import structlog
import typer

from receiver.api.wire import server
from receiver.app import first_start
from receiver.app.address import announce, compose_url, listen, name_others
from receiver.app.database import (
    Database,
    describe,
    find_data_dir,
    open_database,
    require_migrated,
)
from receiver.app.processes import open_files, shared_metrics
from receiver.cli.exits import exits
from receiver.errors import ConfigurationError
from receiver.lazy import CREATE_WORKER
from receiver.log import configure_logging
from receiver.log_lines import drained, lines_to_stderr
from receiver.release import find_version
from receiver.settings.settings import Settings
from receiver.spool.folder import open_folder

# The way out takes at most RECEIVER_SHUTDOWN_TIMEOUT_SECONDS for open requests; an exit that was
# swallowed is raised again after this time.
SECOND_TRY_SECONDS = 10

Host = Annotated[str | None, typer.Option(help="Address to listen on. Default: RECEIVER_HOST.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port; 0 picks one. Default: RECEIVER_PORT.")
]
Workers = Annotated[
    int | None, typer.Option(min=1, max=64, help="Processes. Default: RECEIVER_WORKERS.")
]


@exits({0: "Ctrl-C or SIGTERM stopped it", 130: "Ctrl-C, before it began"})
def serve(host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Run the service until Ctrl-C or SIGTERM."""
    shared_metrics.forget()
    configured = Settings.from_environment()
    options = {"host": host, "port": port, "workers": workers}
    settings = configured.model_copy(
        update={name: value for name, value in options.items() if value is not None}
    )
    lines = lines_to_stderr()
    configure_logging(settings.log_format, settings.log_level, lines)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, _end)
    if settings.spool_dir is not None:
        open_folder(settings.spool_dir)
    with drained(lines), open_database(settings, must_own=True) as database:
        try:
            require_migrated(database)
            with listen(settings.host, settings.port) as door:
                url = compose_url(settings.host, door.getsockname()[1])
                structlog.get_logger("receiver").info(
                    "Device Status Receiver starts",
                    version=find_version(),
                    **describe(database),
                    workers=settings.workers,
                )
                with _announcing(settings, database, url):
                    sys.stdout.flush()
                    _run(settings, database, door)
        finally:
            # The exit has begun, so the second try is not needed and must not interrupt it.
            signal.alarm(0)


@contextmanager
def _announcing(settings: Settings, database: Database, url: str) -> Iterator[None]:
    """Prints what to do next, and lets other commands find the service of a data directory.

    Whoever reads the address finds the first tokens.
    """
    if database.embedded is None:
        _say_where(settings, url)
        yield
        return
    data_dir = find_data_dir(settings)
    is_first_start = first_start.make_credentials(database.conninfo, data_dir)
    _say_where(settings, url)
    typer.echo(f"Data in {data_dir}")
    if is_first_start:
        link = first_start.make_first_link(database.conninfo, url) if settings.console else None
        typer.echo(first_start.describe_next_steps(data_dir, url, link))
    with announce(data_dir, url):
        yield


def _say_where(settings: Settings, url: str) -> None:
    typer.echo(f"Listening on {url}")
    others = name_others(settings.host)
    if others is not None:
        typer.echo(f"At {others} of this machine, too")


def _run(settings: Settings, database: Database, door: socket.socket) -> None:
    """Serves until a signal; if the embedded Postgres ends by itself, the service ends too."""
    is_postgres_lost = False
    if database.embedded is not None:

        def stop_service() -> None:
            nonlocal is_postgres_lost
            is_postgres_lost = True
            os.kill(os.getpid(), signal.SIGTERM)

        database.embedded.watch(stop_service)
    # The workers read the environment, and must use the database that was found here.
    os.environ["DATABASE_URL"] = database.conninfo
    os.environ["DATABASE_DIRECT_URL"] = database.direct_conninfo
    try:
        _serve_until_signal(settings, door)
    except SystemExit:
        if not is_postgres_lost:
            raise
    if is_postgres_lost:
        raise ConfigurationError("the embedded Postgres ended by itself; its log says why")


def _serve_until_signal(settings: Settings, door: socket.socket) -> None:
    limit = open_files.allow_connections(settings.connection_limit)
    with shared_metrics.share_directory() if settings.workers > 1 else nullcontext():
        server.run(CREATE_WORKER, settings, door, connection_limit=limit)


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leaves every block on the way out, so that Postgres is stopped and the lock released."""
    # The interpreter swallows an exit that is raised inside one of its own callbacks.
    signal.alarm(SECOND_TRY_SECONDS)
    sys.exit(0)
