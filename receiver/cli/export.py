"""`receiver export`: events, devices, sessions or subscriptions into a file."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from pydantic import ValidationError

from receiver.api.answers.exchange import OK
from receiver.api.answers.faults import describe_faults
from receiver.api.exports.questions import ExportQuestion
from receiver.app.database import Database, open_database, require_migrated
from receiver.cli.consoles import open_console
from receiver.cli.deriving import derive_all
from receiver.cli.exits import exits
from receiver.errors import ConfigurationError, ReceiverError
from receiver.exporter.destination import open_destination
from receiver.exporter.run import Outcome, What, export_events, export_view
from receiver.ids import new_id
from receiver.log import audit, configure_logging
from receiver.settings.settings import Settings
from receiver.store.connections.engine import question_engine
from receiver.store.exports.formats import Format

# One page is read while the one before is written.
CONNECTIONS = 2

SUFFIXES = {".csv": Format.CSV, ".parquet": Format.PARQUET}

Texts = list[str] | None
Filter = Annotated[Texts, typer.Option(help="Events with it; again for more.")]
Time = Annotated[str | None, typer.Option(help="RFC 3339, with its zone.")]


@exits({0: "the file is whole", 1: "the file is not there, and stderr says why", 143: "SIGTERM"})
def export(
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="The file to write. -: stdout."),
    ],
    what: Annotated[What, typer.Option(help="What to export.")] = What.EVENTS,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="By the end of the name, .csv or .parquet; else ndjson."),
    ] = None,
    after_id: Annotated[
        str | None,
        typer.Option(help="The id of an event: those that arrived after it.", metavar="ID"),
    ] = None,
    type_: Annotated[Texts, typer.Option("--type", help="Events with it; again for more.")] = None,
    kind: Filter = None,
    name: Filter = None,
    source: Filter = None,
    credential: Filter = None,
    subscription_id: Filter = None,
    finding: Filter = None,
    occurred_from: Time = None,
    occurred_to: Time = None,
    received_from: Time = None,
    received_to: Time = None,
) -> None:
    """Write events, devices, roaming sessions or subscriptions into a file.

    Events come by arrival, and pass the filters of `GET /events`. The file has its name once it is
    whole, and replaces one of that name; its user alone may read it.
    """
    filters = {
        "afterId": after_id,
        "type": type_,
        "kind": kind,
        "name": name,
        "source": source,
        "credential": credential,
        "subscriptionId": subscription_id,
        "finding": finding,
        "occurredFrom": occurred_from,
        "occurredTo": occurred_to,
        "receivedFrom": received_from,
        "receivedTo": received_to,
    }
    asked = {member: value for member, value in filters.items() if value}
    if asked and what is not What.EVENTS:
        raise ConfigurationError("filters are of events; the other exports are whole")
    question = _read_question(asked)
    chosen = format_ or SUFFIXES.get(Path(output).suffix.lower(), Format.NDJSON)
    settings = Settings.from_environment()
    configure_logging(settings.log_format, settings.log_level)
    signal.signal(signal.SIGTERM, _end)
    with open_database(settings) as database:
        require_migrated(database)
        with structlog.contextvars.bound_contextvars(correlator=new_id()), _audited(what) as note:
            outcome = asyncio.run(_export(database, settings, what, question, chosen, output))
            note(outcome.lines)
    told = f"{outcome.lines} {what}"
    if outcome.before is not None:
        told += f", stored before {outcome.before}"
    if outcome.last_id is not None:
        told += f"; go on with --after-id={outcome.last_id}"
    typer.echo(told, err=True)


@contextmanager
def _audited(what: What) -> Iterator[Callable[[int], None]]:
    """Leaves the audit line of a read, with how much of it is in the file, which may be nothing."""
    items, result = 0, "cut-off"

    def note(lines: int) -> None:
        nonlocal items, result
        items, result = lines, OK

    try:
        yield note
    except ReceiverError as error:
        result = error.word
        raise
    finally:
        audit("exports.read", credential=None, outcome=result, what=what, items=items)


def _end(_: int, __: object) -> None:
    """Ends the command as an error would, so that its audit line is written."""
    raise SystemExit(128 + signal.SIGTERM)


def _read_question(asked: dict[str, Any]) -> ExportQuestion:
    try:
        question = ExportQuestion.model_validate(asked)
    except ValidationError as error:
        raise ConfigurationError(describe_faults(error.errors())) from None
    question.begin_after()
    return question


async def _export(
    database: Database,
    settings: Settings,
    what: What,
    question: ExportQuestion,
    format_: Format,
    output: str,
) -> Outcome:
    engine = question_engine(
        database.conninfo,
        pool_size=CONNECTIONS,
        statement_timeout_seconds=settings.query_timeout_seconds,
        prepare_threshold=settings.prepare_threshold,
    )
    console = open_console(stderr=True)
    try:
        if what is What.EVENTS:
            with open_destination(output) as file:
                return await export_events(engine, question, format_, file, console)
        await derive_all(settings, database.conninfo)
        with open_destination(output) as file:
            return await export_view(engine, what, format_, file, console)
    finally:
        await engine.dispose()
