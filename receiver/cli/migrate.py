"""`receiver migrate`: applies what is pending."""

import typer

from receiver.app.database import open_database
from receiver.lazy import MIGRATE, load
from receiver.settings.settings import Settings


def migrate() -> None:
    """Apply migrations; safe from several replicas at once."""
    settings = Settings.from_environment()
    if settings.direct_conninfo is not None:
        applied = load(MIGRATE)(settings.direct_conninfo)
    else:
        # Opening the embedded Postgres migrates it; one that serves already is migrated.
        with open_database(settings):
            applied = []
    typer.echo(f"Applied: {', '.join(applied)}" if applied else "Nothing to apply.", err=True)
