"""`receiver credential create`: stores a new credential and prints its token."""

from typing import Annotated

import typer

from receiver.app.database import open_database
from receiver.cli.credential.arguments import ExpiresAt, TokenFromStdin, read_expiry, read_token
from receiver.cli.exits import exits
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role, create_credential, token_digest
from receiver.store.credentials.names import require_plain_name
from receiver.store.credentials.rules import require_usable_limits


@exits()
def create(
    name: Annotated[str, typer.Argument(help="What you call it; names are never reused.")],
    role: Annotated[
        Role,
        typer.Option(
            help="sink posts notifications, reader asks, registrar asks and registers "
            "subscriptions, admin asks and more."
        ),
    ],
    expires_at: ExpiresAt = None,
    token_stdin: TokenFromStdin = False,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="GLOB", help="Types it may send; again for more. All."),
    ] = None,
    sources: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="GLOB", help="Sources it may send from. All."),
    ] = None,
) -> None:
    """Make a credential; the token alone goes to stdout, and is shown only this once."""
    # Before a database is started for it.
    require_plain_name(name)
    expiry = read_expiry(expires_at)
    require_usable_limits(role, types or (), sources or ())
    token = read_token(from_stdin=token_stdin)
    with open_database(Settings.from_environment()) as database:
        create_credential(
            database.conninfo,
            name,
            role,
            token_digest(token),
            expiry,
            types=types or (),
            sources=sources or (),
        )
    typer.echo(f"Created {role} credential {name}.", err=True)
    if not token_stdin:
        typer.echo(token)
