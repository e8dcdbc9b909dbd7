"""`receiver credential`: the life cycle of bearer tokens; a token is shown once, stored never."""

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from receiver.app import database
from receiver.app.first_start import make_token
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import (
    EXPIRY_WARNING,
    Credential,
    Role,
    create_credential,
    list_credentials,
    revoke_credential,
    rotate_credential,
    token_digest,
)

TOKEN_LENGTH_MIN = 20
NAME_LENGTH_MAX = 100

HEADINGS = ("NAME", "ROLE", "STATE", "CREATED", "EXPIRES", "REVOKED", "LAST USED", "MAY SEND")

ExpiresAt = Annotated[
    str | None,
    typer.Option(help="From when on it is refused: RFC 3339 with a time zone. Default: never."),
]
TokenFromStdin = Annotated[
    bool, typer.Option("--token-stdin", help="Read the token from stdin, do not make one.")
]

app = typer.Typer(
    help="Create, list, rotate and revoke bearer tokens.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What you call it; names are never reused.")],
    role: Annotated[
        Role, typer.Option(help="sink posts notifications, reader asks, admin asks and more.")
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
    if not 0 < len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        raise ConfigurationError(f"the name must have 1 to {NAME_LENGTH_MAX} printable characters")
    expiry = None if expires_at is None else _future_time(expires_at)
    if (types or sources) and role is not Role.SINK:
        raise ConfigurationError("--type and --source are for the role sink, which alone sends")
    token = _token_from_stdin() if token_stdin else make_token()
    with database.open_database(Settings.from_environment()) as found:
        create_credential(
            found.conninfo,
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


@app.command()
def rotate(
    name: Annotated[str, typer.Argument(help="The credential's name.")],
    overlap: Annotated[
        str, typer.Option(help="How long the tokens it has go on: 90s, 30m, 24h or 7d.")
    ] = "24h",
    expires_at: ExpiresAt = None,
    token_stdin: TokenFromStdin = False,
) -> None:
    """Give a credential a new token; those it has go on for the overlap."""
    duration = _duration(overlap)
    expiry = None if expires_at is None else _future_time(expires_at)
    token = _token_from_stdin() if token_stdin else make_token()
    with database.open_database(Settings.from_environment()) as found:
        rotate_credential(found.conninfo, name, token_digest(token), expiry, overlap=duration)
    typer.echo(f"Rotated {name}; its other tokens end in {overlap}, or before.", err=True)
    if not token_stdin:
        typer.echo(token)


@app.command("list")
def list_() -> None:
    """Show all credentials, never a token."""
    with database.open_database(Settings.from_environment()) as found:
        credentials = list_credentials(found.conninfo)
    now = datetime.now(UTC)
    rows: list[tuple[str, ...]] = [HEADINGS]
    rows += [_row(credential, now) for credential in credentials]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="The credential's name.")]) -> None:
    """Refuse a credential from now on, in every running process within seconds."""
    with database.open_database(Settings.from_environment()) as found:
        revoke_credential(found.conninfo, name)
    typer.echo(f"Revoked {name}.", err=True)


def _row(credential: Credential, now: datetime) -> tuple[str, ...]:
    times = (
        credential.created_at,
        credential.expires_at,
        credential.revoked_at,
        credential.last_used_at,
    )
    limits = " ".join((*credential.types, *credential.sources)) or "-"
    written = (_written(time) for time in times)
    return (credential.name, credential.role, _state(credential, now), *written, limits)


def _state(credential: Credential, now: datetime) -> str:
    if credential.revoked_at is not None:
        return "revoked"
    if not credential.is_valid(now):
        return "expired"
    return "valid" if credential.is_valid(now + EXPIRY_WARNING) else "expiring"


def _written(time: datetime | None) -> str:
    return "-" if time is None else f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _duration(text: str) -> timedelta:
    parts = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if parts is None:
        raise ConfigurationError("--overlap must be like 90s, 30m, 24h or 7d")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[parts[2]]
    return timedelta(**{unit: int(parts[1])})


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
