"""`receiver credential revoke`: revokes every token of a credential."""

from typing import Annotated

import typer

from receiver.app.database import open_database
from receiver.cli.exits import exits
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import revoke_credential


@exits()
def revoke(name: Annotated[str, typer.Argument(help="The credential's name.")]) -> None:
    """Refuse a credential from now on, in every running process within seconds."""
    with open_database(Settings.from_environment()) as database:
        revoke_credential(database.conninfo, name)
    typer.echo(f"Revoked {name}.", err=True)
