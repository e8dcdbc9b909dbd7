"""`receiver rebuild`: the derived tables from the facts, whether the service runs or not."""

import asyncio
from typing import Annotated

import typer

from receiver.app.database import open_database, require_migrated
from receiver.cli.exits import exits
from receiver.settings.settings import Settings
from receiver.store.projector import rebuilding
from receiver.store.projector.feeds import FEEDS
from receiver.store.projector.projecting import STATEMENT_SECONDS, Projection

# Of all devices; a line for each.
TOLD_SHARE = 0.1


@exits()
def rebuild(
    *,
    take_over: Annotated[
        bool,
        typer.Option(
            "--take-over",
            help="Also what a newer release derived, once none of it serves any more.",
        ),
    ] = False,
) -> None:
    """Derive the answers about all devices anew; the service goes on meanwhile.

    A reader sees each device as it was before or after, never in between.
    """
    settings = Settings.from_environment()
    with open_database(settings) as database:
        require_migrated(database)
        asyncio.run(_rebuild(database.conninfo, settings, takes_over=take_over))
    typer.echo("all devices are derived anew")


async def _rebuild(conninfo: str, settings: Settings, *, takes_over: bool) -> None:
    projection = Projection(
        conninfo,
        statement_timeout_seconds=STATEMENT_SECONDS,
        prepare_threshold=settings.prepare_threshold,
        feed=FEEDS[settings.feed],
    )
    told = 0.0

    def note(share: float) -> None:
        nonlocal told
        if share >= told + TOLD_SHARE:
            told = share
            typer.echo(f"{share:.0%} of the devices", err=True)

    try:
        await rebuilding.rebuild(conninfo, projection, note, takes_over=takes_over)
    finally:
        await projection.close()
