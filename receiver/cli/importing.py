"""`receiver import`: raw notifications of a file through intake; no service needs to run."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated

import structlog
import typer
from pydantic import SecretStr
from rich.progress import Progress

from receiver.app.database import open_database, require_migrated
from receiver.app.storing import Storing
from receiver.cli.consoles import open_console
from receiver.cli.exits import exits
from receiver.errors import ConfigurationError
from receiver.ids import new_id
from receiver.importer.lines import read_csv, read_ndjson
from receiver.importer.run import GROUP, GROUP_BYTES, Import, ImportSummary
from receiver.intake.intake import Sender
from receiver.log import audit, configure_logging
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role, list_credentials
from receiver.terminal import shows_progress

# A group as the queue counts it: in memory one emoji makes four bytes of each character.
QUEUE_BYTES = 8 * GROUP_BYTES

# The largest body that a service can be set to take, with each character of it escaped.
LINE_BYTES_MAX = 6 * 16 * 1024 * 1024


@exits(
    {
        0: "all is stored",
        1: "something is refused or could not be stored, or it failed",
    }
)
def import_(
    file: Annotated[Path, typer.Argument(help="NDJSON, or CSV where its name ends so.")],
    credential: Annotated[
        str, typer.Option(help="The name of the sink credential that they count as sent by.")
    ],
    body_column: Annotated[str, typer.Option(help="Of CSV: the notification.")] = "body",
    received_at_column: Annotated[
        str, typer.Option(help="Of CSV: when it was received.")
    ] = "receivedAt",
) -> None:
    """Store the raw notifications of a file, as if they arrived when it says.

    A line of NDJSON is a notification, or {"body": …, "receivedAt": …, "headers": {…}}. What is
    refused is kept in quarantine, and its lines are told by reason. Again is harmless: what is
    stored already is counted as known.
    """
    configured = Settings.from_environment()
    configure_logging(configured.log_format, configured.log_level)
    try:
        size_bytes = file.stat().st_size
        with file.open("rb") as opened, open_database(configured) as database:
            require_migrated(database)
            sender = _find_sender(database.direct_conninfo, credential)
            changed = {
                "database_url": SecretStr(database.conninfo),
                "database_direct_url": SecretStr(database.direct_conninfo),
                # Nobody else waits in this queue.
                "queue_limit": max(configured.queue_limit, GROUP + configured.members_limit),
                "queue_limit_bytes": max(configured.queue_limit_bytes, QUEUE_BYTES),
            }
            settings = configured.model_copy(update=changed)
            with _progress(opened, size_bytes) as note:
                columns = (body_column, received_at_column)
                is_csv = file.suffix.lower() == ".csv"
                summary = asyncio.run(
                    _import(settings, sender, opened, columns if is_csv else None, note)
                )
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read ({error.strerror})") from None
    typer.echo(summary.compose_text())
    raise typer.Exit(1 if summary.refused else 0)


def _find_sender(conninfo: str, name: str) -> Sender:
    for known in list_credentials(conninfo):
        if known.name == name and known.role is Role.SINK:
            return Sender(name, known.may_send)
    raise ConfigurationError("--credential: there is no sink credential of this name")


@contextmanager
def _progress(opened: IO[bytes], size_bytes: int) -> Iterator[Callable[[], None]]:
    console = open_console(stderr=True)
    with Progress(console=console, disable=not shows_progress(console.file)) as progress:
        bar = progress.add_task("importing", total=size_bytes)
        yield lambda: progress.update(bar, completed=opened.tell())


def _read_lines(opened: IO[bytes]) -> Iterator[bytes]:
    """Yields the lines of a file, which tells meanwhile how far it was read.

    Raises:
        ValueError: a line is larger than any notification, as where the file is no text.
    """
    number = 1
    while line := opened.readline(LINE_BYTES_MAX + 1):
        if len(line) > LINE_BYTES_MAX:
            raise ValueError(f"line {number} is larger than {LINE_BYTES_MAX} bytes")
        yield line
        number += 1


async def _import(
    settings: Settings,
    sender: Sender,
    opened: IO[bytes],
    columns: tuple[str, str] | None,
    note: Callable[[], None],
) -> ImportSummary:
    storing = Storing(settings)
    read = _read_lines(opened)
    lines = read_ndjson(read) if columns is None else read_csv(read, *columns)
    with structlog.contextvars.bound_contextvars(correlator=new_id()):
        async with storing.storing():
            running = Import(
                storing,
                sender,
                now=datetime.now(UTC),
                body_limit_bytes=settings.body_limit_bytes,
                members_limit=settings.members_limit,
            )
            try:
                await running.run(lines, note)
            except ValueError as error:
                raise ConfigurationError(f"the file cannot be read ({error})") from None
            finally:
                told = running.summary
                if told.new or told.known or told.refused:
                    outcome = f"{told.new} new, {told.known} known, {told.refused} refused"
                    audit("notifications.import", credential=sender.name, outcome=outcome)
    return running.summary
