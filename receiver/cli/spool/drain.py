"""`receiver spool drain`: stores what lies in the spool, whether the service runs or not."""

import asyncio
from datetime import UTC, datetime

import structlog
import typer
from pydantic import SecretStr

from receiver.app.database import open_database, require_migrated
from receiver.app.storing import Storing
from receiver.cli.exits import exits
from receiver.cli.spool.folder import require_folder
from receiver.ids import new_id
from receiver.log import configure_logging
from receiver.settings.settings import Settings
from receiver.spool.draining import Drained
from receiver.spool.overflow import open_overflow


@exits(
    {
        0: "nothing is left that no service has",
        1: "something is, or it failed",
    }
)
def drain() -> None:
    """Store what lies in the spool; a service that runs goes on with the files that it has.

    Run it as the user of the service.
    """
    configured = Settings.from_environment()
    configure_logging(configured.log_format, configured.log_level)
    require_folder(configured)
    with open_database(configured) as database:
        require_migrated(database)
        urls = {
            "database_url": SecretStr(database.conninfo),
            "database_direct_url": SecretStr(database.direct_conninfo),
        }
        drained = asyncio.run(_drain(configured.model_copy(update=urls)))
    typer.echo(f"stored          {drained.stored}")
    typer.echo(f"in quarantine   {drained.quarantined}")
    typer.echo(f"left            {drained.left}")
    raise typer.Exit(1 if drained.left else 0)


async def _drain(settings: Settings) -> Drained:
    overflow = open_overflow(
        settings, namespace=lambda: storing.namespace(), clock=lambda: datetime.now(UTC)
    )
    storing = Storing(settings, overflow=overflow)
    with structlog.contextvars.bound_contextvars(correlator=new_id()):
        async with storing.storing():
            return Drained() if storing.drain is None else await storing.drain.run()
