"""`receiver distribute`: events over the nodes of a cluster of Citus, in place."""

from typing import Annotated

import typer

from receiver.cli.exits import exits
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.distribution.distributing import (
    LEFT_TO_DO,
    SHARDS,
    Prospect,
    look_ahead,
)
from receiver.store.distribution.distributing import (
    distribute as distribute_tables,
)
from receiver.store.distribution.reports import list_grants, list_report_commands


@exits()
def distribute(
    *,
    print_only: Annotated[
        bool, typer.Option("--print", help="Print what would be run, as SQL; change nothing.")
    ] = False,
    run: Annotated[bool, typer.Option("--run", help="Run it, while the service goes on.")] = False,
    shards: Annotated[
        int,
        typer.Option(
            min=1,
            max=1024,
            help="Parts of each table, for good: four to eight for each worker that may come.",
        ),
    ] = SHARDS,
) -> None:
    """Distribute the events of a Citus database over its workers, by device and in place.

    DATABASE_URL names the coordinator, whose workers are added, and every service runs with
    RECEIVER_FEED=overlap. What is distributed already is left, so that it is safe to run again.
    """
    if print_only == run:
        raise typer.BadParameter("one of --print and --run")
    settings = Settings.from_environment()
    conninfo = settings.direct_conninfo
    if conninfo is None:
        raise ConfigurationError(
            "the embedded Postgres is one server; DATABASE_URL names the coordinator of a cluster"
        )
    if run and settings.feed != "overlap":
        raise ConfigurationError("set RECEIVER_FEED=overlap, here and for every service")
    prospect = look_ahead(conninfo, shards)
    if print_only:
        _print(prospect)
        return
    if not prospect.obstacles:
        for line in prospect.describe():
            typer.echo(line, err=True)
    distribute_tables(conninfo, prospect, lambda line: typer.echo(line, err=True))
    for line in LEFT_TO_DO:
        typer.echo(line, err=True)
    for command in prospect.compose_clean_up():
        typer.echo(f"{command};")


def _print(prospect: Prospect) -> None:
    """Prints what would be run, so that psql could run it; all else is comments."""
    for obstacle in prospect.obstacles:
        typer.echo(f"-- In the way: {obstacle}")
    for line in prospect.describe():
        typer.echo(f"-- {line}")
    for step in prospect.steps:
        typer.echo(f"{step.command};")
    typer.echo("BEGIN;")
    for command in list_report_commands():
        typer.echo(f"{command.strip().rstrip(';')};")
    typer.echo("COMMIT;")
    for grant in list_grants():
        typer.echo(f"{grant};")
    for line in (*LEFT_TO_DO, *(f"  {command};" for command in prospect.compose_clean_up())):
        typer.echo(f"-- {line}")
