"""`receiver migrate`: applies or prints pending migrations, and takes the last ones back."""

from functools import partial
from typing import Annotated

import typer

from receiver.app.database import FINISH, open_database
from receiver.cli.exits import exits
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.schema import migrating
from receiver.store.schema.revisions import pending_migrations
from receiver.store.schema.scripting import compose_script

EMBEDDED = (
    "the embedded Postgres always has all migrations; to go back to an earlier release, restore the"
    " backup that was made before the upgrade"
)


@exits()
def migrate(
    *,
    finish: Annotated[
        bool,
        typer.Option(
            "--finish",
            help="Apply also those beside which replicas of an earlier release cannot store.",
        ),
    ] = False,
    back: Annotated[
        bool,
        typer.Option(
            "--back",
            help="Take back what --finish applied, so that an earlier release can store again;"
            " nothing stored is lost.",
        ),
    ] = False,
    sql: Annotated[
        bool,
        typer.Option(
            "--sql",
            help="Print what would be applied as a script for psql, and apply nothing; without"
            " DATABASE_URL, that of an empty database.",
        ),
    ] = False,
) -> None:
    """Apply migrations; safe from several replicas at once."""
    settings = Settings.from_environment()
    if back and (finish or sql):
        raise typer.BadParameter("--back stands alone")
    if sql:
        _print_script(settings.direct_conninfo, spares_older=not finish)
        return
    if back:
        _take_back(settings.direct_conninfo)
        return
    left: list[str] = []
    if settings.direct_conninfo is not None:
        tell = partial(typer.echo, err=True)
        applied = migrating.migrate(settings.direct_conninfo, tell=tell, spares_older=not finish)
        left = pending_migrations(settings.direct_conninfo, tell_newer=lambda _: None)
    else:
        # An embedded Postgres is migrated whenever a process opens it.
        with open_database(settings, may_begin=True):
            applied = []
    typer.echo(f"Applied: {', '.join(applied)}" if applied else "Nothing to apply.", err=True)
    if left:
        typer.echo(f"Left: {', '.join(left)}; {FINISH}.", err=True)


def _print_script(conninfo: str | None, *, spares_older: bool) -> None:
    script = compose_script(conninfo, spares_older=spares_older)
    typer.echo(script.text, nl=False)
    if not script.revisions:
        typer.echo("Nothing to apply.", err=True)
    if script.left:
        typer.echo(f"Left: {', '.join(script.left)}; {FINISH}.", err=True)


def _take_back(conninfo: str | None) -> None:
    if conninfo is None:
        raise ConfigurationError(EMBEDDED)
    taken = migrating.take_back(conninfo, tell=partial(typer.echo, err=True))
    typer.echo(f"Taken back: {', '.join(taken)}" if taken else "Nothing to take back.", err=True)
