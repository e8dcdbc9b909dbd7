"""`receiver reprocess`: parses quarantined notifications again, whether the service runs or not."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import structlog
import typer
from pydantic import SecretStr

from receiver.app.database import open_database, require_migrated
from receiver.app.storing import Storing
from receiver.cli.exits import exits
from receiver.errors import ConfigurationError, ReceiverError
from receiver.ids import new_id
from receiver.intake.reprocessing_run import PARALLEL_MAX, ReprocessingSummary, reprocess_many
from receiver.log import configure_logging
from receiver.settings.settings import Settings
from receiver.store.quarantine.keys import read_quarantine_id


@exits(
    {
        0: "nothing of it is refused any more",
        1: "something is, or it failed",
    }
)
def reprocess(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="As `GET /quarantine` lists them.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is still refused.")] = False,
) -> None:
    """Parse quarantined notifications again with today's code, and store what is understood."""
    if bool(ids) == everything:
        raise ConfigurationError("name the ids to reprocess, or --all")
    keys = [read_quarantine_id(quarantine_id) for quarantine_id in ids or []]
    configured = Settings.from_environment()
    configure_logging(configured.log_format, configured.log_level)
    summary = ReprocessingSummary()
    try:
        with open_database(configured) as database:
            require_migrated(database)
            urls = {
                "database_url": SecretStr(database.conninfo),
                "database_direct_url": SecretStr(database.direct_conninfo),
            }
            asyncio.run(_reprocess(configured.model_copy(update=urls), keys, summary))
    except ReceiverError:
        if summary.stored or summary.refused:
            typer.echo(summary.compose_text())
        raise
    typer.echo(summary.compose_text())
    raise typer.Exit(1 if summary.refused else 0)


async def _reprocess(settings: Settings, keys: Sequence[int], summary: ReprocessingSummary) -> None:
    storing = Storing(settings)
    with structlog.contextvars.bound_contextvars(correlator=new_id()):
        async with storing.storing():
            await reprocess_many(
                storing.reprocessing,
                storing.quarantine,
                summary,
                keys=keys,
                parallel=min(PARALLEL_MAX, settings.pool_size),
            )
