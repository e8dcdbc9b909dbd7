"""`receiver serve`: finds the database, opens the port, runs the workers, and ends them all."""

import os
import signal
import socket
import sys
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from receiver.api.wire import server
from receiver.app import database, first_start, open_files, shared_metrics
from receiver.app.address import compose_url
from receiver.errors import ConfigurationError
from receiver.lazy import CREATE_WORKER
from receiver.log import configure_logging
from receiver.settings.settings import Settings

BACKLOG = 2048
SECOND_TRY_SECONDS = 10

Host = Annotated[str | None, typer.Option(help="Address to listen on. Default: RECEIVER_HOST.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port; 0 picks one. Default: RECEIVER_PORT.")
]
Workers = Annotated[
    int | None, typer.Option(min=1, max=64, help="Processes. Default: RECEIVER_WORKERS.")
]


def serve(host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Run the service until Ctrl-C or SIGTERM."""
    shared_metrics.forget()
    configured = Settings.from_environment()
    options = {"host": host, "port": port, "workers": workers}
    settings = configured.model_copy(
        update={name: value for name, value in options.items() if value is not None}
    )
    configure_logging(settings.log_format, settings.log_level)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, _end)
    with database.open_database(settings, must_own=True) as found:
        try:
            database.require_migrated(found)
            with _listening(settings) as door:
                url = compose_url(settings.host, door.getsockname()[1])
                typer.echo(f"Listening on {url}")
                if found.embedded is not None:
                    _welcome(found.conninfo, database.find_data_dir(settings), url)
                sys.stdout.flush()
                _run(settings, found, door)
        finally:
            # The way out is under way: nothing cuts it short any more.
            signal.alarm(0)


def _welcome(conninfo: str, data_dir: Path, url: str) -> None:
    typer.echo(f"Data in {data_dir}")
    if first_start.make_credentials(conninfo, data_dir):
        typer.echo(first_start.describe_next_steps(data_dir, url))


def _run(settings: Settings, found: database.Database, door: socket.socket) -> None:
    """Serves until a signal; the embedded Postgres ending by itself ends the service too."""
    lost = False
    if found.embedded is not None:

        def postgres_ended() -> None:
            nonlocal lost
            lost = True
            os.kill(os.getpid(), signal.SIGTERM)

        found.embedded.watch(postgres_ended)
    # The serving processes read the environment, and are to find what was found here.
    os.environ["DATABASE_URL"] = found.conninfo
    os.environ["DATABASE_DIRECT_URL"] = found.direct_conninfo
    try:
        _serve_until_signal(settings, door)
    except SystemExit:
        if not lost:
            raise
    if lost:
        raise ConfigurationError("the embedded Postgres ended by itself; its log says why")


def _serve_until_signal(settings: Settings, door: socket.socket) -> None:
    limit = open_files.allow_connections(settings.connection_limit)
    with shared_metrics.share_directory() if settings.workers > 1 else nullcontext():
        server.run(CREATE_WORKER, settings, door, connection_limit=limit)


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}"
        ) from None


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leaves every block on the way out, so that Postgres is stopped and the lock released."""
    # The interpreter swallows an exit that is raised in one of its own callbacks.
    signal.alarm(SECOND_TRY_SECONDS)
    sys.exit(0)
