"""`receiver credential`: the life cycle of bearer tokens; a token is shown once, stored never."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from receiver.cli import database
from receiver.cli.first_start import new_token
from receiver.errors import ConfigurationError
from receiver.settings import Settings
from receiver.store.credentials import (
    Credential,
    Role,
    create_credential,
    list_credentials,
    revoke_credential,
    token_digest,
)

TOKEN_LENGTH_MIN = 20
NAME_LENGTH_MAX = 100

app = typer.Typer(help="Create, list and revoke bearer tokens.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What you call it; names are never reused.")],
    role: Annotated[
        Role, typer.Option(help="sink posts notifications, reader asks, admin asks and more.")
    ],
    expires_at: Annotated[
        str | None,
        typer.Option(help="From when on it is refused: RFC 3339 with a time zone. Default: never."),
    ] = None,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the token from stdin, do not make one.")
    ] = False,
) -> None:
    """Make a credential; the token alone goes to stdout, and is shown only this once."""
    if not 0 < len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        raise ConfigurationError(f"the name must have 1 to {NAME_LENGTH_MAX} printable characters")
    expiry = None if expires_at is None else _future_time(expires_at)
    token = _token_from_stdin() if token_stdin else new_token()
    with database.opened(Settings.from_environment()) as found:
        create_credential(found.conninfo, name, role, token_digest(token), expiry)
    typer.echo(f"Created {role} credential {name}.", err=True)
    if not token_stdin:
        typer.echo(token)


@app.command("list")
def list_() -> None:
    """Show all credentials, never a token."""
    with database.opened(Settings.from_environment()) as found:
        credentials = list_credentials(found.conninfo)
    now = datetime.now(UTC)
    rows: list[tuple[str, ...]] = [("NAME", "ROLE", "STATE", "CREATED", "EXPIRES", "REVOKED")]
    rows += [_row(credential, now) for credential in credentials]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="The credential's name.")]) -> None:
    """Refuse a credential from now on, in every running process within seconds."""
    with database.opened(Settings.from_environment()) as found:
        revoke_credential(found.conninfo, name)
    typer.echo(f"Revoked {name}.", err=True)


def _row(credential: Credential, now: datetime) -> tuple[str, ...]:
    state = "valid" if credential.is_valid(now) else "expired"
    if credential.revoked_at is not None:
        state = "revoked"
    times = (credential.created_at, credential.expires_at, credential.revoked_at)
    return (credential.name, credential.role, state, *(_written(time) for time in times))


def _written(time: datetime | None) -> str:
    return "-" if time is None else f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _future_time(text: str) -> datetime:
    try:
        time = TypeAdapter(AwareDatetime).validate_python(text)
    except ValidationError:
        raise ConfigurationError("--expires-at must be RFC 3339 with a time zone") from None
    if time <= datetime.now(UTC):
        raise ConfigurationError("--expires-at lies in the past")
    return time


def _token_from_stdin() -> str:
    token = sys.stdin.readline().strip()
    if len(token) < TOKEN_LENGTH_MIN or not token.isascii() or not token.isprintable():
        raise ConfigurationError(
            f"the token must have at least {TOKEN_LENGTH_MIN} printable ASCII characters"
        )
    return token
