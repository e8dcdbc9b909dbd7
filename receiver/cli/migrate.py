"""`receiver migrate`: applies pending migrations."""

from functools import partial
from typing import Annotated

import typer

from receiver.app.database import FINISH, open_database
from receiver.lazy import MIGRATE, load
from receiver.settings.settings import Settings
from receiver.store.schema.revisions import pending_migrations


def migrate(
    *,
    finish: Annotated[
        bool,
        typer.Option(
            "--finish",
            help="Apply also those beside which replicas of an earlier release cannot store.",
        ),
    ] = False,
) -> None:
    """Apply migrations; safe from several replicas at once."""
    settings = Settings.from_environment()
    left: list[str] = []
    if settings.direct_conninfo is not None:
        tell = partial(typer.echo, err=True)
        applied = load(MIGRATE)(settings.direct_conninfo, tell=tell, spares_older=not finish)
        left = pending_migrations(settings.direct_conninfo)
    else:
        # An embedded Postgres is migrated whenever a process opens it.
        with open_database(settings, may_begin=True):
            applied = []
    typer.echo(f"Applied: {', '.join(applied)}" if applied else "Nothing to apply.", err=True)
    if left:
        typer.echo(f"Left: {', '.join(left)}; {FINISH}.", err=True)
