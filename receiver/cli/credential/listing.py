"""`receiver credential list`: prints every credential, once for each of its tokens."""

from datetime import UTC, datetime

import typer

from receiver.app.database import open_database
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Credential, list_credentials
from receiver.store.credentials.expiry import find_state

HEADINGS = ("NAME", "ROLE", "STATE", "CREATED", "EXPIRES", "REVOKED", "LAST USED", "MAY SEND")


def list_all() -> None:
    """Show all credentials, never a token."""
    with open_database(Settings.from_environment()) as database:
        credentials = list_credentials(database.conninfo)
    now = datetime.now(UTC)
    rows = [HEADINGS, *(_compose_row(credential, now) for credential in credentials)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _compose_row(credential: Credential, now: datetime) -> tuple[str, ...]:
    return (
        credential.name,
        credential.role,
        find_state(credential, now),
        _format_time(credential.created_at),
        _format_time(credential.expires_at),
        _format_time(credential.revoked_at),
        _format_time(credential.last_used_at),
        " ".join((*credential.types, *credential.sources)) or "-",
    )


def _format_time(time: datetime | None) -> str:
    return "-" if time is None else f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
