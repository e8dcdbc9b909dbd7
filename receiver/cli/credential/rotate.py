"""`receiver credential rotate`: stores a new token of a credential and prints it."""

from typing import Annotated

import typer

from receiver.app.database import open_database
from receiver.cli.credential.arguments import (
    ExpiresAt,
    TokenFromStdin,
    read_expiry,
    read_overlap,
    read_token,
)
from receiver.cli.exits import exits
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import rotate_credential, token_digest


@exits()
def rotate(
    name: Annotated[str, typer.Argument(help="The credential's name.")],
    overlap: Annotated[
        str, typer.Option(help="How long the tokens it has go on: 90s, 30m, 24h or 7d.")
    ] = "24h",
    expires_at: ExpiresAt = None,
    token_stdin: TokenFromStdin = False,
) -> None:
    """Give a credential a new token; those it has go on for the overlap."""
    duration = read_overlap(overlap)
    expiry = read_expiry(expires_at)
    token = read_token(from_stdin=token_stdin)
    with open_database(Settings.from_environment()) as database:
        rotate_credential(database.conninfo, name, token_digest(token), expiry, overlap=duration)
    typer.echo(f"Rotated {name}; its other tokens end in {overlap}, or before.", err=True)
    if not token_stdin:
        typer.echo(token)
