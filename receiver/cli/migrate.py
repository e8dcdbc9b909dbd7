"""`receiver migrate`: applies pending migrations."""

from functools import partial

import typer

from receiver.app.database import open_database
from receiver.lazy import MIGRATE, load
from receiver.settings.settings import Settings


def migrate() -> None:
    """Apply migrations; safe from several replicas at once."""
    settings = Settings.from_environment()
    if settings.direct_conninfo is not None:
        applied = load(MIGRATE)(settings.direct_conninfo, tell=partial(typer.echo, err=True))
    else:
        # An embedded Postgres is migrated whenever a process opens it.
        with open_database(settings, may_begin=True):
            applied = []
    typer.echo(f"Applied: {', '.join(applied)}" if applied else "Nothing to apply.", err=True)
